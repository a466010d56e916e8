"""Tables and statements of the served log in SQLite."""

SCHEMA = """
PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS served (
    query BLOB PRIMARY KEY, shopper BLOB NOT NULL, time REAL NOT NULL,
    page_start INTEGER NOT NULL, page_size INTEGER NOT NULL, "order" BLOB NOT NULL, data BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS served_by_time ON served (time, query);
CREATE INDEX IF NOT EXISTS served_by_shopper ON served (shopper) WHERE shopper <> x'';
CREATE TABLE IF NOT EXISTS outcomes (
    query BLOB NOT NULL, digest BLOB NOT NULL, client BLOB NOT NULL, user BLOB NOT NULL,
    kind TEXT NOT NULL, time REAL NOT NULL, object_id TEXT NOT NULL, place INTEGER NOT NULL,
    position INTEGER NOT NULL, dwell REAL NOT NULL, PRIMARY KEY (query, digest)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS outcomes_by_client ON outcomes (client) WHERE client <> x'';
CREATE INDEX IF NOT EXISTS outcomes_by_user ON outcomes (user) WHERE user <> x'';
CREATE TABLE IF NOT EXISTS forgotten (shopper BLOB PRIMARY KEY, time REAL NOT NULL) WITHOUT ROWID;
"""

LIST_COLUMNS = 'query, shopper, time, page_start, page_size, "order", data'
OUTCOME_COLUMNS = "query, digest, client, user, kind, time, object_id, place, position, dwell"

GET_LIST = f"SELECT {LIST_COLUMNS} FROM served WHERE query = ?"  # noqa: S608 - our own words
ADD_LIST = f"INSERT OR REPLACE INTO served ({LIST_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608

# An outcome without its list says nothing: a list that was left out by sampling, or is forgotten.
ADD_OUTCOME = (
    f"INSERT OR IGNORE INTO outcomes ({OUTCOME_COLUMNS}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ? "  # noqa: S608
    "WHERE EXISTS (SELECT 1 FROM served WHERE query = ?)"
)

EXPIRE_SLICE = "SELECT query FROM served WHERE time < ? ORDER BY time LIMIT 200"
