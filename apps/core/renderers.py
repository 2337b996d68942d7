"""How Django's forms become HTML (`FORM_RENDERER`): `{{ form }}` and `{% field form.x %}` look the same everywhere."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
