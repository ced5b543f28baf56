"""The library in the editors' office: what is there, how far it is, what it looks like, what is said in it."""

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button

from media import allowances, holds, library, playback, replacing, transcoding, usage
from media.choosers import StateColumn
from media.forms import CaptionForm
from media.models import Video
from media.templatetags.player import clock

may_change = permission_required("media.change_video", raise_exception=True)
may_view = permission_required("media.view_video", raise_exception=True)


def video_page(pk):
    return reverse("videos:inspect", args=[pk])


def refuse_strangers(user, video):
    """A trainer looks at the films of colleagues and changes only the own ones."""
    if not allowances.may_tend(user, video):
        raise PermissionDenied


class VideoIndex(generic.IndexView):
    template_name = "media/library/index.html"
    results_template_name = "media/library/index_results.html"
    default_ordering = "-created_at"
    columns = [
        TitleColumn("title", label=gettext_lazy("Title"), get_url=lambda video: video_page(video.pk), sort_key="title"),
        StateColumn("state", label=gettext_lazy("State"), accessor=lambda video: video, sort_key="state"),
        Column("duration", label=gettext_lazy("Duration"), accessor=lambda v: clock(v.duration), sort_key="duration"),
        Column("created_by", label=gettext_lazy("Uploaded by")),
        DateColumn("created_at", label=gettext_lazy("Uploaded at"), sort_key="created_at"),
    ]

    def get_base_queryset(self):
        return holds.mark(super().get_base_queryset().select_related("created_by"))

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["unfinished"] = any(video.is_unfinished for video in context["object_list"])
        return context


class VideoCreate(generic.CreateView):
    template_name = "media/library/create.html"
    page_title = gettext_lazy("Upload a video")
    submit_button_label = gettext_lazy("Upload")
    submit_button_active_label = gettext_lazy("Uploading…")
    success_message = gettext_lazy("“%(object)s” is in the library and is being prepared. You may leave this page.")

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"reader": self.request.user}

    def save_instance(self):
        return self.form.keep(self.request.user)

    def get_context_data(self, **kwargs):
        return super().get_context_data(open_url=video_page(0), **kwargs)

    def get_success_buttons(self):
        return [messages.button(video_page(self.object.pk), _("Open this video"))]


class VideoInspect(generic.InspectView):
    template_name = "media/library/video.html"
    page_title = gettext_lazy("Video")
    any_permission_required = ["add", "change", "delete", "view"]

    def get_object(self, queryset=None):
        videos = Video.objects.select_related("source", "created_by").prefetch_related("captions", "renditions")
        return get_object_or_404(videos, pk=self.pk)

    def post(self, request, *args, **kwargs):
        """The captions of all languages."""
        refuse_strangers(request.user, self.object)
        forms = self.caption_forms(request.POST, request.FILES)
        if not all([form.is_valid() for form in forms]):  # noqa: C419 - every form shows its own faults
            messages.error(request, _("The captions could not be saved. The reason stands beside the field."))
            return self.render_to_response(self.get_context_data(caption_forms=forms))
        if "check" in request.POST:
            messages.info(request, _("The captions have been checked and not saved yet."))
            return self.render_to_response(self.get_context_data(caption_forms=forms))
        for form in forms:
            form.save()
        messages.success(request, _("The captions have been saved."))
        return redirect(video_page(self.object.pk))

    def caption_forms(self, *data):
        return [CaptionForm(*data, video=self.object, language=code) for code, _label in settings.LANGUAGES]

    def get_context_data(self, **kwargs):
        kwargs.setdefault("caption_forms", self.caption_forms())
        context = super().get_context_data(**kwargs)
        context["renew_url"] = reverse("videos:renew", args=[self.object.pk])
        context["hold"] = holds.active() if self.object.is_unfinished else None
        context |= self.past_and_places()
        context["can_change"] = context["can_tend"]
        return context

    def past_and_places(self):
        video = self.object
        return {
            "can_tend": allowances.may_tend(self.request.user, video),
            "places": usage.places(video, viewer=self.request.user),
            "records": usage.records(video),
            "history": video.replacements.select_related("by")[:10],
            "replacement": replacing.last(video),
            "undo_url": reverse("videos:undo", args=[video.pk]),
        }

    @property
    def header_more_buttons(self):
        used = Button(_("Usage"), url=reverse("videos:usage", args=[self.object.pk]), icon_name="link", priority=15)
        buttons = [*super().header_more_buttons, used]
        if allowances.may_tend(self.request.user, self.object):
            address = reverse("videos:replace", args=[self.object.pk])
            buttons.append(Button(_("Replace the file"), url=address, icon_name="upload", priority=14))
        return buttons


class VideoEdit(generic.EditView):
    def get_object(self, queryset=None):
        video = super().get_object(queryset)
        refuse_strangers(self.request.user, video)
        return video

    def get_success_url(self):
        return video_page(self.object.pk)


class VideoDelete(generic.DeleteView):
    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except library.InUse as refused:
            messages.error(self.request, refused.message)
            return redirect(video_page(self.object.pk))

    def delete_action(self):
        library.remove(self.object)


@require_POST
@may_change
def retry(request, pk):
    video = get_object_or_404(Video, pk=pk)
    refuse_strangers(request.user, video)
    if transcoding.retry(video):
        messages.success(request, _("The video waits for another try."))
    else:
        messages.warning(request, _("Only a video that failed can be tried again."))
    return redirect(video_page(pk))


@require_POST
@may_change
def cancel(request, pk):
    video = get_object_or_404(Video, pk=pk)
    refuse_strangers(request.user, video)
    if transcoding.cancel(video):
        messages.success(request, _("Preparing this video has been cancelled."))
    else:
        messages.warning(request, _("Only a video that waits or is being prepared can be cancelled."))
    return redirect(video_page(pk))


@require_safe
@may_view
def renew(request, pk):
    video = get_object_or_404(Video.objects.playable(), pk=pk)
    return JsonResponse(playback.offer(video, viewer=request.user).as_json())
