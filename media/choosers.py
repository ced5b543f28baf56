"""The windows in which an editor picks a video or a file, or uploads a new one."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic import chooser as views
from wagtail.admin.viewsets.chooser import ChooserViewSet

from media import handouts, holds
from media.blocks import FileChooser, VideoChooser
from media.forms import NewHandoutForm, NewVideoForm
from media.models import Video
from media.templatetags.player import clock


class StateColumn(Column):
    """Of films that `holds.mark` has looked at."""

    cell_template_name = "media/library/state_cell.html"


class SearchForm(BaseFilterForm):
    """Plain words in plain columns: finds two Chinese characters, needs no index and no worker."""

    q = forms.CharField(
        label=_("Search term"), widget=forms.TextInput(attrs={"placeholder": _("Search")}), required=False
    )
    columns = ()

    def filter(self, objects):
        objects = super().filter(objects)
        words = self.cleaned_data.get("q", "").strip()
        if not words:
            return objects
        self.is_searching, self.search_query = True, words
        found = Q()
        for column in self.columns:
            found |= Q(**{f"{column}__icontains": words})
        return objects.filter(found)


class VideoSearchForm(SearchForm):
    columns = ("title", "source__original_filename")


class FileSearchForm(SearchForm):
    columns = ("name", "original_filename")


class Kept:
    """A creation view whose form knows how to keep an upload for somebody."""

    def save_form(self, form):
        return form.keep(self.request.user)


class VideoList:
    filter_form_class = VideoSearchForm

    @property
    def columns(self):
        return [
            *super().columns,
            StateColumn("state", label=_("State"), accessor=lambda video: video),
            Column("duration", label=_("Duration"), accessor=lambda video: clock(video.duration)),
            Column("created_by", label=_("Uploaded by")),
        ]

    def get_object_list(self):
        return holds.mark(Video.objects.select_related("created_by"))


class VideoChoose(VideoList, views.ChooseView):
    pass


class VideoResults(VideoList, views.ChooseResultsView):
    pass


class VideoCreate(Kept, views.CreateView):
    pass


class VideoChooserViewSet(ChooserViewSet):
    model = "media.Video"
    icon = VideoChooser.icon
    choose_one_text = VideoChooser.choose_one_text
    choose_another_text = VideoChooser.choose_another_text
    edit_item_text = VideoChooser.link_to_chosen_text
    search_tab_label = _("Library")
    creation_tab_label = _("Upload")
    create_action_label = _("Upload")
    create_action_clicked_label = _("Uploading…")
    creation_form_class = NewVideoForm
    choose_view_class = VideoChoose
    choose_results_view_class = VideoResults
    create_view_class = VideoCreate


class FileScope:
    """One sees and takes only what filer's folders allow."""

    def readable(self):
        return handouts.readable(self.request.user)


class FileList(FileScope):
    filter_form_class = FileSearchForm
    ordering = "-uploaded_at"

    @property
    def columns(self):
        return [
            *super().columns,
            Column("folder", label=_("Folder"), accessor=lambda file: file.folder.name if file.folder else ""),
            Column("owner", label=_("Owner")),
            DateColumn("uploaded_at", label=_("Uploaded at")),
        ]

    def get_object_list(self):
        return self.readable()


class FileChoose(FileList, views.ChooseView):
    pass


class FileResults(FileList, views.ChooseResultsView):
    pass


class FileChosen(FileScope, views.ChosenView):
    def get_object(self, pk):
        return self.readable().get(pk=pk)


class FileChosenMultiple(FileScope, views.ChosenMultipleView):
    def get_objects(self, pks):
        return self.readable().filter(pk__in=pks)


class FileCreate(Kept, views.CreateView):
    pass


class FileChooserViewSet(ChooserViewSet):
    model = "filer.File"
    icon = FileChooser.icon
    choose_one_text = FileChooser.choose_one_text
    choose_another_text = FileChooser.choose_another_text
    edit_item_text = FileChooser.link_to_chosen_text
    search_tab_label = _("Library")
    creation_tab_label = _("Upload")
    create_action_label = _("Upload")
    create_action_clicked_label = _("Uploading…")
    creation_form_class = NewHandoutForm
    choose_view_class = FileChoose
    choose_results_view_class = FileResults
    chosen_view_class = FileChosen
    chosen_multiple_view_class = FileChosenMultiple
    create_view_class = FileCreate


video_chooser = VideoChooserViewSet("video_chooser", url_prefix="video-chooser")
file_chooser = FileChooserViewSet("file_chooser", url_prefix="file-chooser")
