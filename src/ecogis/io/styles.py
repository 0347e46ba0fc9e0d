"""QGIS styles: a layer that opens with its classes, colours and Chinese names."""

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import quoteattr

__all__ = ["categorised_style"]


def categorised_style(
    column: str,
    classes: Iterable[tuple[str, str, str]],
    *,
    aliases: Mapping[str, str] | None = None,
) -> str:
    """QML of a polygon layer coloured by the values of a column.

    Parameters
    ----------
    column : str
        Column that holds the classes.
    classes : iterable of (value, label, colour)
        In the legend's order; colour as ``"#rrggbb"``.
    aliases : mapping of str to str, optional
        What people read instead of each column's name.

    Returns
    -------
    str
        QML text, for `write_gpkg`.

    Examples
    --------
    >>> 'label="杉木"' in categorised_style("species", [("杉木", "杉木", "#2e7d32")])
    True
    """
    listed = list(classes)
    categories = "".join(
        f'<category render="true" symbol="{at}" value={quoteattr(value)} label={quoteattr(label)}/>'
        for at, (value, label, _) in enumerate(listed)
    )
    symbols = "".join(_symbol(at, colour) for at, (_, _, colour) in enumerate(listed))
    names = "".join(
        f'<alias index="{at}" field={quoteattr(field)} name={quoteattr(name)}/>'
        for at, (field, name) in enumerate((aliases or {}).items())
    )
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.22" styleCategories="Symbology|Fields">'
        f'<renderer-v2 type="categorizedSymbol" attr={quoteattr(column)} forceraster="0" '
        'symbollevels="0" enableorderby="0">'
        f"<categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2>"
        f"<aliases>{names}</aliases></qgis>"
    )


def _symbol(name: int, colour: str) -> str:
    fill = ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) + ",255"
    options = {
        "color": fill,
        "style": "solid",
        "outline_color": "90,90,90,255",
        "outline_width": "0.1",
        "outline_style": "solid",
    }
    properties = "".join(f'<prop k="{key}" v="{value}"/>' for key, value in options.items())
    return (
        f'<symbol type="fill" name="{name}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="SimpleFill" enabled="1" locked="0" pass="0">{properties}</layer></symbol>'
    )
