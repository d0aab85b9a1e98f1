"""Services of given cells as the register has them: what nobody lists is shown nowhere."""

from __future__ import annotations

import duckdb


def register_reported_services(connection: duckdb.DuckDBPyConnection) -> None:
    """Put every service of `reported_cells` that the register lacks into it."""
    connection.execute(
        """
        insert into as_of.service_register by name
        select distinct service_id, 'service' as kind from reported_cells
        where service_id not in (select service_id from as_of.service_register)
        """
    )
