-- The collection ledger: entries are appended and chained; postings come with an approval and
-- add up to nothing on every account. A message begins with the code of its text.

CREATE TABLE entry (
  seq INTEGER PRIMARY KEY,
  tx_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('propose', 'approve', 'refuse')),
  recorded TEXT NOT NULL,
  effective TEXT NOT NULL,
  actor TEXT NOT NULL CHECK (actor <> ''),
  reason TEXT NOT NULL,
  body TEXT NOT NULL,
  previous TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE posting (
  number INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL REFERENCES entry (seq),
  account TEXT NOT NULL,
  party TEXT NOT NULL CHECK (party <> ''),
  day TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount <> 0)
) STRICT;

CREATE INDEX posting_of_account ON posting (account, party);

CREATE TABLE settled (
  seq INTEGER PRIMARY KEY REFERENCES entry (seq)
) STRICT;

CREATE UNIQUE INDEX entry_proposed_once ON entry (tx_id) WHERE kind = 'propose';

CREATE UNIQUE INDEX entry_decided_once ON entry (tx_id) WHERE kind IN ('approve', 'refuse');

CREATE TRIGGER entry_follows BEFORE INSERT ON entry
WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM entry)
  OR NEW.previous <> COALESCE((SELECT hash FROM entry ORDER BY seq DESC LIMIT 1), printf('%064d', 0))
BEGIN SELECT RAISE(ABORT, 'E918 an entry follows the last one'); END;

CREATE TRIGGER entry_not_before BEFORE INSERT ON entry
WHEN NEW.recorded < (SELECT recorded FROM entry ORDER BY seq DESC LIMIT 1)
BEGIN SELECT RAISE(ABORT, 'E918 the clock went back'); END;

CREATE TRIGGER entry_not_changed BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'E918 an entry is never changed'); END;

CREATE TRIGGER entry_not_deleted BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'E918 an entry is never deleted'); END;

CREATE TRIGGER entry_decides_a_proposal BEFORE INSERT ON entry
WHEN NEW.kind IN ('approve', 'refuse')
  AND NOT EXISTS (SELECT 1 FROM entry WHERE tx_id = NEW.tx_id AND kind = 'propose')
BEGIN SELECT RAISE(ABORT, 'E918 a decision is about a proposal'); END;

CREATE TRIGGER entry_two_persons BEFORE INSERT ON entry
WHEN NEW.kind = 'approve'
  AND EXISTS (SELECT 1 FROM entry WHERE tx_id = NEW.tx_id AND kind = 'propose' AND actor = NEW.actor)
BEGIN SELECT RAISE(ABORT, 'E918 another person approves'); END;

CREATE TRIGGER posting_with_approval BEFORE INSERT ON posting
WHEN NOT EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq AND kind = 'approve')
  OR EXISTS (SELECT 1 FROM settled WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'E918 postings come with an approval'); END;

CREATE TRIGGER posting_not_changed BEFORE UPDATE ON posting
BEGIN SELECT RAISE(ABORT, 'E918 a posting is never changed'); END;

CREATE TRIGGER posting_not_deleted BEFORE DELETE ON posting
BEGIN SELECT RAISE(ABORT, 'E918 a posting is never deleted'); END;

CREATE TRIGGER settled_adds_up BEFORE INSERT ON settled
WHEN EXISTS (SELECT 1 FROM posting WHERE seq = NEW.seq GROUP BY account, day HAVING SUM(amount) <> 0)
BEGIN SELECT RAISE(ABORT, 'E918 postings add up to nothing'); END;

CREATE TRIGGER settled_not_changed BEFORE UPDATE ON settled
BEGIN SELECT RAISE(ABORT, 'E918 a settlement is never changed'); END;

CREATE TRIGGER settled_not_deleted BEFORE DELETE ON settled
BEGIN SELECT RAISE(ABORT, 'E918 a settlement is never deleted'); END;
