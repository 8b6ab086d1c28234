"""What the server derives around an opportunity: stage, forecast, history, products."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.salesforce.ids import stamp
from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatekeeper.sandbox.salesforce.dml import Writer
    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.salesforce.save import Save
    from gatekeeper.sandbox.state import Stored

_CATEGORY = {
    "Omitted": "Omitted",
    "Pipeline": "Pipeline",
    "Best Case": "BestCase",
    "Most Likely": "MostLikely",
    "Commit": "Forecast",
    "Closed": "Closed",
}
_HISTORY = ("StageName", "Amount", "Probability", "CloseDate", "ForecastCategory")


def stage_of(org: Org, name: object) -> Mapping[str, object] | None:
    """Return the stage a StageName means: by ApiName, else by MasterLabel."""
    stages = list(org.rows("OpportunityStage", include_deleted=False))
    for column in ("ApiName", "MasterLabel"):
        for stage in stages:
            if stage[column] == name:
                return stage
    return None


def derive_opportunity(writer: Writer, save: Save) -> None:
    """Set stage, forecast, revenue and fiscal fields of an opportunity."""
    row = save.row
    if save.before is not None and save.before["HasOpportunityLineItem"]:
        _keep(save, "Amount")
    _derive_stage(writer.org, save)
    if save.changes("StageName"):
        row["LastStageChangeDate"] = stamp(writer.org.now())
    if "ForecastCategoryName" in save.given:
        row["ForecastCategory"] = forecast_category(row["ForecastCategoryName"])
    derive_revenue(row)
    derive_fiscal(row)
    if save.is_new:
        row["HasOpportunityLineItem"] = False
        row["HasOpenActivity"] = row["HasOverdueTask"] = False
        row["PushCount"] = 0
    elif _is_pushed(save):
        row["PushCount"] = int(str(row["PushCount"] or 0)) + 1


def _keep(save: Save, name: str) -> None:
    before = save.before[name] if save.before is not None else None
    if before is None:
        save.row.pop(name, None)
    else:
        save.row[name] = before


def _derive_stage(org: Org, save: Save) -> None:
    row = save.row
    stage = stage_of(org, row["StageName"])
    row["IsClosed"] = bool(stage and stage["IsClosed"])
    row["IsWon"] = bool(stage and stage["IsWon"])
    if not (save.is_new or save.changes("StageName")):
        return
    category = str(stage["ForecastCategoryName"] or "Pipeline") if stage else "Pipeline"
    if "ForecastCategoryName" not in save.given:
        row["ForecastCategoryName"] = category
    row["ForecastCategory"] = forecast_category(row["ForecastCategoryName"])
    if "Probability" not in save.given or row["Probability"] is None:
        default = stage["DefaultProbability"] if stage else None
        row["Probability"] = default if default is not None else 0.0


def forecast_category(name: object) -> str:
    """Return the category behind a category's name in the picklist."""
    return _CATEGORY.get(str(name), "Pipeline")


def derive_revenue(row: Stored) -> None:
    """Set ExpectedRevenue from Amount and Probability."""
    amount, probability = row["Amount"], row["Probability"]
    if isinstance(amount, float) and isinstance(probability, int | float):
        row["ExpectedRevenue"] = round(amount * probability / 100, 2)
    else:
        row.pop("ExpectedRevenue", None)


def derive_fiscal(row: Stored) -> None:
    """Set the fiscal period of the close date; the year begins in January."""
    close = row["CloseDate"]
    if isinstance(close, str):
        quarter = (int(close[5:7]) + 2) // 3
        row["FiscalYear"], row["FiscalQuarter"] = int(close[:4]), quarter
        row["Fiscal"] = f"{close[:4]} {quarter}"


def _is_pushed(save: Save) -> bool:
    before = save.before["CloseDate"] if save.before is not None else None
    close = save.row["CloseDate"]
    return isinstance(before, str) and isinstance(close, str) and close[:7] > before[:7]


def after_opportunity(writer: Writer, before: Row | None, row: Row | None) -> None:
    """Keep the histories of an opportunity."""
    if row is None:
        return
    _write_history(writer, before, row)
    if before is not None:
        for name in sorted(writer.org.settings.tracked):
            if before[name] != row[name]:
                _write_field_history(writer, before, row, name)


def _write_history(writer: Writer, before: Row | None, row: Row) -> None:
    if before is not None and all(before[name] == row[name] for name in _HISTORY):
        return
    org = writer.org
    now = stamp(org.now())
    entry = Row(
        Id=org.new_id("008"),
        OpportunityId=row["Id"],
        CreatedById=writer.session.user_id,
        CreatedDate=now,
        SystemModstamp=now,
        IsDeleted=False,
        ExpectedRevenue=row["ExpectedRevenue"],
        **{name: row[name] for name in _HISTORY},
    )
    if before is not None:
        entry["FromForecastCategory"] = before["ForecastCategory"]
        entry["FromOpportunityStageName"] = before["StageName"]
        entry["PrevAmount"] = before["Amount"]
        entry["PrevCloseDate"] = before["CloseDate"]
    org.put("OpportunityHistory", entry)
    _note_history(writer, before, row, str(entry["Id"]))


def _note_history(
    writer: Writer, before: Row | None, row: Row, history_id: str
) -> None:
    if before is None:
        return
    noted = Row(row)
    if before["Amount"] != row["Amount"]:
        noted["LastAmountChangedHistoryId"] = history_id
    if before["CloseDate"] != row["CloseDate"]:
        noted["LastCloseDateChangedHistoryId"] = history_id
    writer.org.put("Opportunity", noted)


def _write_field_history(writer: Writer, before: Row, row: Row, name: str) -> None:
    org = writer.org
    field = org.kinds["Opportunity"].fields[name]
    pairs = [(before[name], row[name])]
    if field.type == "reference":
        # A lookup is written twice: once with the names, once with the ids.
        names = [_name_of(org, field.reference_to[0], value) for value in pairs[0]]
        pairs.append((names[0], names[1]))
    for old, new in pairs:
        entry = Row(
            Id=org.new_id("017"),
            IsDeleted=False,
            OpportunityId=row["Id"],
            CreatedById=writer.session.user_id,
            CreatedDate=stamp(org.now()),
            Field=field.relationship_name or name,
            DataType="EntityId" if field.type == "reference" else "Text",
            OldValue=old,
            NewValue=new,
        )
        org.put("OpportunityFieldHistory", entry)


def _name_of(org: Org, object_name: str, record_id: object) -> object:
    row = org.find(object_name, str(record_id)) if record_id else None
    return row["Name"] if row is not None else None


def derive_line_item(writer: Writer, save: Save) -> None:
    """Set a line's product, price and total from what was given."""
    row = save.row
    if save.is_new:
        _derive_product(writer.org, row)
    quantity, unit, total = row["Quantity"], row["UnitPrice"], row["TotalPrice"]
    discount = row["Discount"] or 0.0
    if "TotalPrice" in save.given and {"UnitPrice", "Discount"} & save.given:
        raise SalesforceError(
            "FIELD_INTEGRITY_EXCEPTION",
            "Specify either TotalPrice or UnitPrice and Discount, not both",
            fields=("TotalPrice",),
        )
    if not isinstance(quantity, float) or not isinstance(discount, float):
        return
    share = 1 - discount / 100
    if "TotalPrice" in save.given and isinstance(total, float):
        row["UnitPrice"] = round(total / (quantity * share or 1), 2)
    elif isinstance(unit, float):
        row["TotalPrice"] = round(quantity * unit * share, 2)
    if row["TotalPrice"] is None:
        raise SalesforceError(
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [UnitPrice]",
            fields=("UnitPrice",),
        )


def _derive_product(org: Org, row: Row) -> None:
    entry = org.find("PricebookEntry", str(row["PricebookEntryId"]))
    if entry is not None:
        row["Product2Id"] = entry["Product2Id"]
        row["ListPrice"] = entry["UnitPrice"]
    if row["Product2Id"] is None:
        raise SalesforceError(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: PricebookEntryId, Product2Id (pricebook entry "
            "or product must be specified)",
            fields=("PricebookEntryId",),
        )
    product = org.find("Product2", str(row["Product2Id"]))
    deal = org.find("Opportunity", str(row["OpportunityId"]))
    if product is not None and deal is not None:
        row["ProductCode"] = product["ProductCode"]
        row["Name"] = f"{deal['Name']} {product['Name']}"


def after_line_item(writer: Writer, before: Row | None, row: Row | None) -> None:
    """Save the opportunity anew: amount, product mark and stamps follow its lines."""
    org = writer.org
    deal_id = str((row or before or Row())["OpportunityId"])
    deal = org.find("Opportunity", deal_id)
    if deal is None or deal["IsDeleted"]:
        return
    lines = list(
        org.referencing(
            "OpportunityLineItem", "OpportunityId", [deal_id], include_deleted=False
        )
    )
    old, new = Row(deal), Row(deal)
    new["HasOpportunityLineItem"] = bool(lines)
    if lines:
        new["Amount"] = _total(lines, "TotalPrice")
        new["TotalOpportunityQuantity"] = _total(lines, "Quantity")
    derive_revenue(new)
    now = stamp(org.now())
    new["LastModifiedDate"] = new["SystemModstamp"] = now
    new["LastModifiedById"] = writer.session.user_id
    org.put("Opportunity", new)
    after_opportunity(writer, old, new)


def _total(lines: Iterable[Mapping[str, object]], name: str) -> float:
    return round(sum(float(str(line[name] or 0)) for line in lines), 2)


def after_contact_role(writer: Writer, before: Row | None, row: Row | None) -> None:
    """Leave at most one primary contact on a deal."""
    if row is None or not row["IsPrimary"]:
        return
    others = writer.org.referencing(
        "OpportunityContactRole",
        "OpportunityId",
        [str(row["OpportunityId"])],
        include_deleted=False,
    )
    for other in list(others):
        if other["IsPrimary"] and other["Id"] != row["Id"]:
            writer.org.put("OpportunityContactRole", Row(other, IsPrimary=False))
