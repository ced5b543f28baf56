from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


@register_setting(icon="home")
class SchoolSettings(BaseGenericSetting):
    """Who runs the school and what the law wants to be read in the footer.

    One installation is one school. (A key to wagtail's Site would also close a circle: Site needs our user first.)
    """

    school_name = models.CharField(_("name of the school"), max_length=60, default="首席质量官网校")
    school_name_en = models.CharField(_("name of the school in English"), max_length=100, default="CQO Academy")
    owner = models.CharField(_("host"), max_length=60, default="四川省市场监督管理局")
    owner_en = models.CharField(
        _("host in English"), max_length=120, default="Sichuan Administration for Market Regulation"
    )
    organiser = models.CharField(_("organiser"), max_length=60, blank=True)
    organiser_en = models.CharField(_("organiser in English"), max_length=120, blank=True)
    hotline = models.CharField(_("helpline"), max_length=30, default="12315")
    site_code = models.CharField(_("government site code"), max_length=20, blank=True)
    icp = models.CharField(_("ICP filing number"), max_length=40, blank=True)
    police_number = models.CharField(_("public security filing number"), max_length=40, blank=True)
    certificate_issuer = models.CharField(_("issuer on certificates"), max_length=60, default="四川省市场监督管理局")
    certificate_issuer_en = models.CharField(
        _("issuer on certificates in English"),
        max_length=120,
        default="Sichuan Administration for Market Regulation",
    )

    panels = [
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("school_name"), FieldPanel("school_name_en")]),
                FieldRowPanel([FieldPanel("owner"), FieldPanel("owner_en")]),
                FieldRowPanel([FieldPanel("organiser"), FieldPanel("organiser_en")]),
                FieldPanel("hotline"),
            ],
            heading=_("The school"),
        ),
        MultiFieldPanel([FieldPanel("site_code"), FieldPanel("icp"), FieldPanel("police_number")], heading=_("Filing")),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("certificate_issuer"), FieldPanel("certificate_issuer_en")])],
            heading=_("Certificates"),
        ),
    ]

    class Meta:
        verbose_name = _("school")

    def __str__(self):
        return self.school_name

    def shown(self, field: str) -> str:
        """The field in the language of the reader; Chinese where no English was given."""
        if (get_language() or "").startswith("en"):
            return getattr(self, f"{field}_en") or getattr(self, field)
        return getattr(self, field)

    @property
    def shown_name(self) -> str:
        return self.shown("school_name")

    @property
    def shown_owner(self) -> str:
        return self.shown("owner")

    @property
    def shown_organiser(self) -> str:
        return self.shown("organiser")
