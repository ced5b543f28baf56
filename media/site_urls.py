"""Pages on the site for those who teach; below the language."""

from django.urls import path

from media.views import teaching

urlpatterns = [
    path("teach/films/", teaching.films, name="my_films"),
    path("teach/films/<row:pk>/", teaching.film, name="my_film"),
    path("teach/films/<row:pk>/replace", teaching.replace, name="my_film_replace"),
    path("teach/films/<row:pk>/undo", teaching.undo, name="my_film_undo"),
    path("teach/films/<row:pk>/retry", teaching.retry, name="my_film_retry"),
    path("teach/films/<row:pk>/delete", teaching.delete, name="my_film_delete"),
    path("teach/films/<row:pk>/renew", teaching.renew, name="my_film_renew"),
]
