"""django-filer's permission screens look people up through this admin; everything else is in Wagtail."""

from django.contrib import admin

from .models import User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ["name", "mobile", "email", "is_staff"]
    search_fields = ["name", "mobile", "email"]
    exclude = ["password"]
    readonly_fields = ["last_login", "date_joined"]
