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


class Upload:
    """The second tab of a window. It stands in the page that is being edited, so its fields have ids of their own."""

    def get_creation_form_kwargs(self):
        return {**super().get_creation_form_kwargs(), "auto_id": f"{self.model_class._meta.model_name}-upload-%s"}


class Create(Upload, views.CreateView):
    """The form knows how to keep an upload for somebody."""

    def save_form(self, form):
        return form.keep(self.request.user)


class Window(ChooserViewSet):
    """One tab for what is in the library, one for what is not yet; `widget` says the rest in its own words."""

    widget = None
    search_tab_label = _("Library")
    creation_tab_label = create_action_label = _("Upload")
    create_action_clicked_label = _("Uploading…")
    create_view_class = Create

    def __init__(self, *args, **kwargs):
        self.icon = self.widget.icon
        self.choose_one_text = self.widget.choose_one_text
        self.choose_another_text = self.widget.choose_another_text
        self.edit_item_text = self.widget.link_to_chosen_text
        super().__init__(*args, **kwargs)


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


class VideoUpload(Upload):
    def get_creation_form_kwargs(self):
        return {**super().get_creation_form_kwargs(), "reader": self.request.user}


class VideoChoose(VideoUpload, VideoList, views.ChooseView):
    pass


class VideoCreate(VideoUpload, Create):
    pass


class VideoResults(VideoList, views.ChooseResultsView):
    pass


class VideoWindow(Window):
    model = "media.Video"
    widget = VideoChooser
    creation_form_class = NewVideoForm
    choose_view_class = VideoChoose
    create_view_class = VideoCreate
    choose_results_view_class = VideoResults


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


class FileChoose(Upload, FileList, views.ChooseView):
    pass


class FileResults(FileList, views.ChooseResultsView):
    pass


class FileChosen(FileScope, views.ChosenView):
    def get_object(self, pk):
        return self.readable().get(pk=pk)


class FileChosenMultiple(FileScope, views.ChosenMultipleView):
    def get_objects(self, pks):
        return self.readable().filter(pk__in=pks)


class FileWindow(Window):
    model = "filer.File"
    widget = FileChooser
    creation_form_class = NewHandoutForm
    choose_view_class = FileChoose
    choose_results_view_class = FileResults
    chosen_view_class = FileChosen
    chosen_multiple_view_class = FileChosenMultiple


video_chooser = VideoWindow("video_chooser", url_prefix="video-chooser")
file_chooser = FileWindow("file_chooser", url_prefix="file-chooser")
