-- Rules of the ledger that PostgreSQL holds itself. A message begins with the code of its text.

CREATE FUNCTION ecogis_never() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'E809 % is never changed that way (%)', TG_TABLE_NAME, TG_OP;
END $$;

CREATE FUNCTION ecogis_event_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last_seq bigint; last_hash text;
BEGIN
  SELECT seq, hash INTO last_seq, last_hash FROM event ORDER BY seq DESC LIMIT 1;
  IF NEW.seq <> COALESCE(last_seq, 0) + 1 OR NEW.previous <> COALESCE(last_hash, repeat('0', 64)) THEN
    RAISE EXCEPTION 'E809 event follows the last one';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION ecogis_by_survey() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq AND kind = 'survey' AND right_id = NEW.right_id) THEN
    RAISE EXCEPTION 'E809 % come with a survey', TG_TABLE_NAME;
  END IF;
  IF TG_OP = 'UPDATE' AND (NEW.right_id <> OLD.right_id OR NEW.seq <= OLD.seq) THEN
    RAISE EXCEPTION 'E809 % change by a survey', TG_TABLE_NAME;
  END IF;
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'rights' THEN
    IF NEW.unit_code <> OLD.unit_code OR NEW.kind <> OLD.kind OR NEW.registration_no <> OLD.registration_no THEN
      RAISE EXCEPTION 'E809 rights change by a survey';
    END IF;
  END IF;
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'yields' THEN
    IF NEW.vintage <> OLD.vintage THEN
      RAISE EXCEPTION 'E809 yields change by a survey';
    END IF;
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION ecogis_claim_proposed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE taken numeric; possible bigint;
BEGIN
  IF NEW.state <> 'proposed' OR NEW.seq <> NEW.claim OR NOT EXISTS (
    SELECT 1 FROM event WHERE seq = NEW.claim AND kind = 'propose' AND claim = NEW.claim AND right_id = NEW.right_id
  ) THEN
    RAISE EXCEPTION 'E809 claim begins as proposed';
  END IF;
  SELECT kg INTO possible FROM yields WHERE right_id = NEW.right_id AND vintage = NEW.vintage FOR UPDATE;
  SELECT COALESCE(SUM(kg), 0) INTO taken FROM claim
    WHERE right_id = NEW.right_id AND vintage = NEW.vintage AND state NOT IN ('released', 'withdrawn');
  IF NEW.kg + taken > COALESCE(possible, 0) THEN
    RAISE EXCEPTION 'E802 claim within the yield';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION ecogis_claim_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE taken numeric; possible bigint;
BEGIN
  IF NEW.claim <> OLD.claim OR NEW.right_id <> OLD.right_id OR NEW.vintage <> OLD.vintage OR NEW.use <> OLD.use
     OR NEW.seq <= OLD.seq OR OLD.state IN ('released', 'withdrawn')
     OR NOT EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq AND claim = NEW.claim) THEN
    RAISE EXCEPTION 'E809 claim changes by an event, and not when it has ended';
  END IF;
  IF (NEW.kg <> OLD.kg OR NEW.party <> OLD.party
      OR (NEW.state <> OLD.state AND NEW.state IN ('approved', 'released')))
     AND NOT EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq AND kind = 'approve' AND actor <> OLD.requested_by) THEN
    RAISE EXCEPTION 'E807 two persons';
  END IF;
  IF NEW.state = 'withdrawn' AND OLD.state <> 'proposed' THEN
    RAISE EXCEPTION 'E809 only a proposed claim is withdrawn';
  END IF;
  IF OLD.state = 'proposed' AND NEW.state NOT IN ('proposed', 'approved', 'withdrawn') THEN
    RAISE EXCEPTION 'E809 a claim is approved before it is registered';
  END IF;
  IF NEW.kg > OLD.kg THEN
    SELECT kg INTO possible FROM yields WHERE right_id = NEW.right_id AND vintage = NEW.vintage FOR UPDATE;
    SELECT COALESCE(SUM(kg), 0) INTO taken FROM claim
      WHERE right_id = NEW.right_id AND vintage = NEW.vintage AND state NOT IN ('released', 'withdrawn');
    IF NEW.kg - OLD.kg + taken > possible THEN
      RAISE EXCEPTION 'E802 claim within the yield';
    END IF;
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION ecogis_member_appointed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq AND kind IN ('open', 'appoint')) THEN
    RAISE EXCEPTION 'E809 a member is appointed';
  END IF;
  IF TG_OP = 'UPDATE' AND (NEW.person <> OLD.person OR NEW.seq <= OLD.seq) THEN
    RAISE EXCEPTION 'E809 a member is appointed';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER event_follows BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION ecogis_event_follows();

CREATE TRIGGER event_not_changed BEFORE DELETE OR UPDATE ON event FOR EACH ROW EXECUTE FUNCTION ecogis_never();

CREATE TRIGGER event_not_emptied BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION ecogis_never();

CREATE TRIGGER place_not_changed BEFORE DELETE OR UPDATE ON place FOR EACH ROW EXECUTE FUNCTION ecogis_never();

CREATE TRIGGER place_not_emptied BEFORE TRUNCATE ON place FOR EACH STATEMENT EXECUTE FUNCTION ecogis_never();

CREATE TRIGGER rights_by_survey BEFORE INSERT OR UPDATE ON rights FOR EACH ROW EXECUTE FUNCTION ecogis_by_survey();

CREATE TRIGGER rights_not_deleted BEFORE DELETE ON rights FOR EACH ROW EXECUTE FUNCTION ecogis_never();

CREATE TRIGGER rights_not_emptied BEFORE TRUNCATE ON rights FOR EACH STATEMENT EXECUTE FUNCTION ecogis_never();

CREATE TRIGGER yields_by_survey BEFORE INSERT OR UPDATE ON yields FOR EACH ROW EXECUTE FUNCTION ecogis_by_survey();

CREATE TRIGGER yields_not_deleted BEFORE DELETE ON yields FOR EACH ROW EXECUTE FUNCTION ecogis_never();

CREATE TRIGGER yields_not_emptied BEFORE TRUNCATE ON yields FOR EACH STATEMENT EXECUTE FUNCTION ecogis_never();

CREATE TRIGGER claim_is_proposed BEFORE INSERT ON claim FOR EACH ROW EXECUTE FUNCTION ecogis_claim_proposed();

CREATE TRIGGER claim_changes_by_event BEFORE UPDATE ON claim FOR EACH ROW EXECUTE FUNCTION ecogis_claim_changes();

CREATE TRIGGER claim_not_deleted BEFORE DELETE ON claim FOR EACH ROW EXECUTE FUNCTION ecogis_never();

CREATE TRIGGER claim_not_emptied BEFORE TRUNCATE ON claim FOR EACH STATEMENT EXECUTE FUNCTION ecogis_never();

CREATE TRIGGER member_by_event BEFORE INSERT OR UPDATE ON member FOR EACH ROW EXECUTE FUNCTION ecogis_member_appointed();

CREATE TRIGGER member_not_deleted BEFORE DELETE ON member FOR EACH ROW EXECUTE FUNCTION ecogis_never();

CREATE TRIGGER member_not_emptied BEFORE TRUNCATE ON member FOR EACH STATEMENT EXECUTE FUNCTION ecogis_never();
