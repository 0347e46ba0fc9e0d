"""QGIS styles: a layer that opens with its classes, colours and Chinese names."""

from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import quoteattr

__all__ = ["categorised_style", "graduated_style"]


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
    kind = f'type="categorizedSymbol" attr={quoteattr(column)}'
    colours = [colour for _, _, colour in listed]
    return _qml(kind, f"<categories>{categories}</categories>", colours, aliases)


def graduated_style(
    quantity: str,
    classes: Iterable[tuple[float, float, str, str]],
    *,
    aliases: Mapping[str, str] | None = None,
) -> str:
    """QML of a polygon layer coloured by classes of a quantity.

    Parameters
    ----------
    quantity : str
        A column, or an expression of QGIS with columns in double quotes.
    classes : iterable of (lower, upper, label, colour)
        In the legend's order; a value on a border is in the lower class.
    aliases : mapping of str to str, optional
        What people read instead of each column's name.

    Returns
    -------
    str
        QML text, for `write_gpkg`.

    Examples
    --------
    >>> 'upper="5.0"' in graduated_style("volume", [(0.0, 5.0, "≤ 5", "#2e7d32")])
    True
    """
    listed = list(classes)
    ranges = "".join(
        f'<range render="true" symbol="{at}" lower="{lower}" upper="{upper}" '
        f"label={quoteattr(label)}/>"
        for at, (lower, upper, label, _) in enumerate(listed)
    )
    kind = f'type="graduatedSymbol" graduatedMethod="GraduatedColor" attr={quoteattr(quantity)}'
    colours = [colour for _, _, _, colour in listed]
    return _qml(kind, f"<ranges>{ranges}</ranges>", colours, aliases)


def _qml(kind: str, classes: str, colours: Sequence[str], aliases: Mapping[str, str] | None) -> str:
    symbols = "".join(_symbol(at, colour) for at, colour in enumerate(colours))
    names = "".join(
        f'<alias index="{at}" field={quoteattr(field)} name={quoteattr(name)}/>'
        for at, (field, name) in enumerate((aliases or {}).items())
    )
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.22" styleCategories="Symbology|Fields">'
        f'<renderer-v2 {kind} forceraster="0" symbollevels="0" enableorderby="0">'
        f"{classes}<symbols>{symbols}</symbols></renderer-v2>"
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
