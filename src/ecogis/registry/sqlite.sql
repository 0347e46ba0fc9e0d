-- Rules of the ledger that SQLite holds itself. A message begins with the code of its text.

CREATE TRIGGER event_follows BEFORE INSERT ON event
WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM event)
  OR NEW.previous <> COALESCE((SELECT hash FROM event ORDER BY seq DESC LIMIT 1), printf('%064d', 0))
BEGIN SELECT RAISE(ABORT, 'E809 event follows the last one'); END;

CREATE TRIGGER event_not_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'E809 event is never changed'); END;

CREATE TRIGGER event_not_deleted BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'E809 event is never deleted'); END;

CREATE TRIGGER place_not_changed BEFORE UPDATE ON place
BEGIN SELECT RAISE(ABORT, 'E809 place is never changed'); END;

CREATE TRIGGER place_not_deleted BEFORE DELETE ON place
BEGIN SELECT RAISE(ABORT, 'E809 place is never deleted'); END;

CREATE TRIGGER rights_by_survey BEFORE INSERT ON rights
WHEN NOT EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq AND kind = 'survey' AND right_id = NEW.right_id)
  OR EXISTS (SELECT 1 FROM rights WHERE right_id = NEW.right_id)
BEGIN SELECT RAISE(ABORT, 'E809 rights come with a survey'); END;

CREATE TRIGGER rights_changed_by_survey BEFORE UPDATE ON rights
WHEN NEW.right_id <> OLD.right_id OR NEW.unit_code <> OLD.unit_code OR NEW.kind <> OLD.kind
  OR NEW.registration_no <> OLD.registration_no OR NEW.seq <= OLD.seq
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq AND kind = 'survey' AND right_id = NEW.right_id)
BEGIN SELECT RAISE(ABORT, 'E809 rights change by a survey'); END;

CREATE TRIGGER rights_not_deleted BEFORE DELETE ON rights
BEGIN SELECT RAISE(ABORT, 'E809 rights are never deleted'); END;

CREATE TRIGGER yields_by_survey BEFORE INSERT ON yields
WHEN NOT EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq AND kind = 'survey' AND right_id = NEW.right_id)
  OR EXISTS (SELECT 1 FROM yields WHERE right_id = NEW.right_id AND vintage = NEW.vintage)
BEGIN SELECT RAISE(ABORT, 'E809 yields come with a survey'); END;

CREATE TRIGGER yields_changed_by_survey BEFORE UPDATE ON yields
WHEN NEW.right_id <> OLD.right_id OR NEW.vintage <> OLD.vintage OR NEW.seq <= OLD.seq
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq AND kind = 'survey' AND right_id = NEW.right_id)
BEGIN SELECT RAISE(ABORT, 'E809 yields change by a survey'); END;

CREATE TRIGGER yields_not_deleted BEFORE DELETE ON yields
BEGIN SELECT RAISE(ABORT, 'E809 yields are never deleted'); END;

CREATE TRIGGER claim_is_proposed BEFORE INSERT ON claim
WHEN NEW.state <> 'proposed' OR NEW.seq <> NEW.claim
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = NEW.claim AND kind = 'propose' AND claim = NEW.claim
                 AND right_id = NEW.right_id)
  OR EXISTS (SELECT 1 FROM claim WHERE claim = NEW.claim)
BEGIN SELECT RAISE(ABORT, 'E809 claim begins as proposed'); END;

CREATE TRIGGER claim_within_yield BEFORE INSERT ON claim
WHEN NEW.kg + (SELECT COALESCE(SUM(kg), 0) FROM claim WHERE right_id = NEW.right_id
               AND vintage = NEW.vintage AND state NOT IN ('released', 'withdrawn'))
     > COALESCE((SELECT kg FROM yields WHERE right_id = NEW.right_id AND vintage = NEW.vintage), 0)
BEGIN SELECT RAISE(ABORT, 'E802 claim within the yield'); END;

CREATE TRIGGER claim_raised_within_yield BEFORE UPDATE ON claim
WHEN NEW.kg > OLD.kg
  AND NEW.kg - OLD.kg + (SELECT COALESCE(SUM(kg), 0) FROM claim WHERE right_id = NEW.right_id
                         AND vintage = NEW.vintage AND state NOT IN ('released', 'withdrawn'))
     > (SELECT kg FROM yields WHERE right_id = NEW.right_id AND vintage = NEW.vintage)
BEGIN SELECT RAISE(ABORT, 'E802 claim within the yield'); END;

CREATE TRIGGER claim_changes_by_event BEFORE UPDATE ON claim
WHEN NEW.claim <> OLD.claim OR NEW.right_id <> OLD.right_id OR NEW.vintage <> OLD.vintage
  OR NEW.use <> OLD.use OR NEW.seq <= OLD.seq OR OLD.state IN ('released', 'withdrawn')
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq AND claim = NEW.claim)
BEGIN SELECT RAISE(ABORT, 'E809 claim changes by an event, and not when it has ended'); END;

CREATE TRIGGER claim_by_two_persons BEFORE UPDATE ON claim
WHEN (NEW.kg <> OLD.kg OR NEW.party <> OLD.party OR (NEW.state <> OLD.state AND NEW.state IN ('approved', 'released')))
  AND NOT EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq AND kind = 'approve' AND actor <> OLD.requested_by)
BEGIN SELECT RAISE(ABORT, 'E807 two persons'); END;

CREATE TRIGGER claim_withdrawn_before_approval BEFORE UPDATE ON claim
WHEN NEW.state = 'withdrawn' AND OLD.state <> 'proposed'
BEGIN SELECT RAISE(ABORT, 'E809 only a proposed claim is withdrawn'); END;

CREATE TRIGGER claim_registered_after_approval BEFORE UPDATE ON claim
WHEN OLD.state = 'proposed' AND NEW.state NOT IN ('proposed', 'approved', 'withdrawn')
BEGIN SELECT RAISE(ABORT, 'E809 a claim is approved before it is registered'); END;

CREATE TRIGGER claim_not_deleted BEFORE DELETE ON claim
BEGIN SELECT RAISE(ABORT, 'E809 claim is never deleted'); END;

CREATE TRIGGER member_by_event BEFORE INSERT ON member
WHEN NOT EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq AND kind IN ('open', 'appoint'))
  OR EXISTS (SELECT 1 FROM member WHERE person = NEW.person)
BEGIN SELECT RAISE(ABORT, 'E809 a member is appointed'); END;

CREATE TRIGGER member_changed_by_event BEFORE UPDATE ON member
WHEN NEW.person <> OLD.person OR NEW.seq <= OLD.seq
  OR NOT EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq AND kind = 'appoint')
BEGIN SELECT RAISE(ABORT, 'E809 a member is appointed'); END;

CREATE TRIGGER member_not_deleted BEFORE DELETE ON member
BEGIN SELECT RAISE(ABORT, 'E809 a member is never deleted'); END;
