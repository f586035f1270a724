"""The catalogue's tables. A change is a new script at the end of `CATALOG.migrations`; the old ones never change."""

from core.database import Schema

__all__ = ["CATALOG"]

_FIRST = """
CREATE TABLE class (
    class_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    slug TEXT NOT NULL UNIQUE,
    next_number INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE image (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,
    original TEXT NOT NULL,
    sha256 TEXT,
    bytes INTEGER NOT NULL DEFAULT 0,
    mtime_ns INTEGER NOT NULL DEFAULT 0,
    inode INTEGER NOT NULL DEFAULT 0,
    width INTEGER NOT NULL DEFAULT 0,
    height INTEGER NOT NULL DEFAULT 0,
    format TEXT NOT NULL DEFAULT '',
    mode TEXT NOT NULL DEFAULT '',
    orientation INTEGER NOT NULL DEFAULT 1,
    phash INTEGER,
    phash_mirror INTEGER,
    sharpness REAL,
    brightness REAL,
    contrast REAL,
    entropy REAL,
    border_white REAL,
    transparent REAL,
    class_id INTEGER NOT NULL REFERENCES class,
    verdict TEXT NOT NULL DEFAULT 'unreviewed' CHECK (verdict IN ('unreviewed', 'keep', 'reject')),
    split TEXT CHECK (split IN ('train', 'val', 'test')),
    cluster INTEGER,
    reason TEXT,
    error TEXT,
    missing INTEGER NOT NULL DEFAULT 0,
    added REAL NOT NULL,
    changed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX image_sha256 ON image (sha256);
CREATE INDEX image_cluster ON image (cluster) WHERE cluster IS NOT NULL;
CREATE INDEX image_changed ON image (changed);
CREATE INDEX image_class ON image (class_id, verdict, split) WHERE error IS NULL AND missing = 0;
CREATE TABLE batch (
    batch INTEGER PRIMARY KEY AUTOINCREMENT,
    who TEXT NOT NULL,
    label TEXT NOT NULL,
    at REAL NOT NULL,
    client TEXT,
    client_batch INTEGER,
    state TEXT NOT NULL CHECK (state IN ('done', 'undone', 'dropped'))
);
CREATE INDEX batch_who ON batch (who, state, batch);
CREATE TABLE decision (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch INTEGER NOT NULL REFERENCES batch,
    image INTEGER NOT NULL REFERENCES image,
    field TEXT NOT NULL CHECK (field IN ('verdict', 'class', 'different')),
    before TEXT,
    after TEXT,
    reason_before TEXT,
    reason_after TEXT
);
CREATE INDEX decision_batch ON decision (batch);
CREATE TABLE operation (
    client TEXT NOT NULL,
    seq INTEGER NOT NULL,
    refused TEXT,
    PRIMARY KEY (client, seq)
) WITHOUT ROWID;
CREATE TABLE different (
    first INTEGER NOT NULL REFERENCES image,
    second INTEGER NOT NULL REFERENCES image,
    PRIMARY KEY (first, second),
    CHECK (first < second)
) WITHOUT ROWID;
CREATE TABLE source (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file_url TEXT NOT NULL,
    page_url TEXT,
    engine TEXT NOT NULL,
    query TEXT NOT NULL,
    rank INTEGER NOT NULL,
    title TEXT,
    author TEXT,
    licence TEXT,
    licence_url TEXT,
    class_id INTEGER,
    sha256 TEXT,
    image INTEGER,
    outcome TEXT NOT NULL,
    reason TEXT,
    at REAL NOT NULL
);
CREATE UNIQUE INDEX source_address ON source (file_url, class_id);
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO meta VALUES ('revision', '0');
"""

_INHERITANCE = """
CREATE TABLE inheritance (
    image INTEGER NOT NULL REFERENCES image,
    source INTEGER NOT NULL REFERENCES source,
    batch INTEGER NOT NULL REFERENCES batch,
    PRIMARY KEY (image, source, batch)
) WITHOUT ROWID;
"""

_LOOKS = """
CREATE TABLE look (
    image INTEGER PRIMARY KEY REFERENCES image,
    pixel_digest TEXT NOT NULL,
    cells BLOB NOT NULL
);
"""

_BIN_AND_CLASSES = """
ALTER TABLE image ADD COLUMN emptied REAL;
CREATE TABLE doomed (image INTEGER PRIMARY KEY REFERENCES image);
CREATE INDEX image_bin ON image (bytes) WHERE verdict = 'reject' AND error IS NULL AND missing = 0;
CREATE INDEX image_emptied ON image (sha256) WHERE emptied IS NOT NULL;
CREATE INDEX decision_image ON decision (image);
ALTER TABLE class ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
ALTER TABLE class ADD COLUMN retired INTEGER NOT NULL DEFAULT 0;
UPDATE class SET place = class_id;
CREATE TABLE class_change (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch INTEGER NOT NULL REFERENCES batch,
    class_id INTEGER NOT NULL REFERENCES class,
    field TEXT NOT NULL CHECK (field IN ('name', 'place', 'retired')),
    before TEXT NOT NULL,
    after TEXT NOT NULL
);
CREATE INDEX class_change_batch ON class_change (batch);
"""

_ANSWERS_AND_ODDITY = """
CREATE INDEX source_image ON source (image, engine, licence) WHERE image IS NOT NULL;
CREATE TABLE answered_run (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL UNIQUE,
    stamp TEXT NOT NULL
);
CREATE TABLE prediction (
    run INTEGER NOT NULL,
    image INTEGER NOT NULL,
    truth TEXT NOT NULL,
    predicted TEXT NOT NULL,
    probability REAL NOT NULL,
    probability_true REAL NOT NULL,
    loss REAL NOT NULL,
    part TEXT NOT NULL,
    disputed INTEGER NOT NULL,
    PRIMARY KEY (run, image)
) WITHOUT ROWID;
CREATE TABLE oddity (
    image INTEGER PRIMARY KEY,
    score REAL NOT NULL,
    measure TEXT NOT NULL,
    size REAL NOT NULL,
    blur REAL NOT NULL
);
"""

_COUNTS = """
CREATE INDEX image_waiting ON image (cluster, class_id)
    WHERE cluster IS NOT NULL AND verdict != 'reject' AND error IS NULL AND missing = 0;
CREATE INDEX image_unseen ON image (emptied, missing) WHERE error IS NOT NULL OR missing = 1;
"""

_DETAILS = """
CREATE TABLE detail (
    image INTEGER PRIMARY KEY REFERENCES image,
    luma BLOB NOT NULL
);
CREATE TABLE inner_look (
    image INTEGER PRIMARY KEY REFERENCES image,
    content BLOB NOT NULL
);
CREATE TABLE kin (
    stamp TEXT NOT NULL,
    content BLOB NOT NULL
);
"""

_STANDING = """
CREATE INDEX image_standing ON image (class_id) WHERE verdict != 'reject';
"""

CATALOG = Schema(
    application_id=0x5350454D,
    migrations=(_FIRST, _INHERITANCE, _LOOKS, _BIN_AND_CLASSES, _ANSWERS_AND_ODDITY, _COUNTS, _DETAILS, _STANDING),
    mend="`python -m core scan` sets it aside and builds it anew from the pictures and annotations.csv",
)
