PRAGMA application_id=1347900227;
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE capability (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	firmware TEXT, 
	login TEXT NOT NULL, 
	may_write BOOLEAN, 
	may_check_firmware BOOLEAN NOT NULL, 
	may_install_firmware BOOLEAN, 
	levers TEXT NOT NULL, 
	started TEXT, 
	CONSTRAINT pk_capability PRIMARY KEY (site, id), 
	CONSTRAINT fk_capability_run FOREIGN KEY(site, run_id) REFERENCES run (site, id), 
	CONSTRAINT ck_capability_may_write CHECK (may_write IN (0, 1)), 
	CONSTRAINT ck_capability_may_check_firmware CHECK (may_check_firmware IN (0, 1)), 
	CONSTRAINT ck_capability_may_install_firmware CHECK (may_install_firmware IN (0, 1))
)
 WITHOUT ROWID

;
INSERT INTO "capability" VALUES('home',2,'2026-07-15T20:48:00.000000Z',1,'1.49.0 f7d0c6a1','installer',NULL,1,NULL,'{"export":false,"grid_charging":false,"modes":["autonomous","backup","self_consumption"],"reserve_ceiling":100}','2026-07-06 14:48:00 +0800');
INSERT INTO "capability" VALUES('home',15,'2026-07-15T20:53:00.000000Z',11,'1.49.0 f7d0c6a1','installer',1,1,NULL,'{"export":false,"grid_charging":false,"modes":["autonomous","backup","self_consumption"],"reserve_ceiling":100}','2026-07-06 14:48:00 +0800');
CREATE TABLE decision (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	mode TEXT, 
	reserve INTEGER, 
	winners TEXT NOT NULL, 
	rules_hash TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	memory TEXT NOT NULL, 
	CONSTRAINT pk_decision PRIMARY KEY (site, id), 
	CONSTRAINT fk_decision_run FOREIGN KEY(site, run_id) REFERENCES run (site, id), 
	CONSTRAINT ck_decision_mode CHECK (mode IN ('self_consumption', 'backup', 'autonomous')), 
	CONSTRAINT ck_decision_reserve CHECK (reserve BETWEEN 0 AND 100)
)
 WITHOUT ROWID

;
INSERT INTO "decision" VALUES('home',3,'2026-07-15T20:48:00.000000Z',1,'self_consumption',20,'{"mode":"default","reserve":"default"}','bfdbfb3c0d130fed8614d801ffdfb0b174a0b6e17b7b53ac4bd56124d6f15b44','self_consumption and reserve 20 % by default','{"fired":{},"rules":{},"settled":{},"since":"2026-07-15T20:48:00+00:00","turns":{}}');
INSERT INTO "decision" VALUES('home',7,'2026-07-15T20:50:00.000000Z',1,'self_consumption',20,'{"mode":"default","reserve":"default"}','bfdbfb3c0d130fed8614d801ffdfb0b174a0b6e17b7b53ac4bd56124d6f15b44','self_consumption and reserve 20 % by default','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-15T20:50:00+00:00"},"since":"2026-07-15T20:48:00+00:00","turns":{}}');
INSERT INTO "decision" VALUES('home',12,'2026-07-15T20:53:00.000000Z',11,'self_consumption',20,'{"mode":"default","reserve":"default"}','bfdbfb3c0d130fed8614d801ffdfb0b174a0b6e17b7b53ac4bd56124d6f15b44','self_consumption and reserve 20 % by default','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-15T20:50:00+00:00"},"since":"2026-07-15T20:48:00+00:00","turns":{}}');
INSERT INTO "decision" VALUES('home',26,'2026-07-15T21:00:00.000000Z',11,'backup',100,'{"mode":"fill up","reserve":"fill up"}','bfdbfb3c0d130fed8614d801ffdfb0b174a0b6e17b7b53ac4bd56124d6f15b44','backup and reserve 100 % by "fill up": time Wed 14:00 (14:00-16:00)','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-15T20:50:00+00:00"},"since":"2026-07-15T20:48:00+00:00","turns":{}}');
INSERT INTO "decision" VALUES('home',33,'2026-07-15T21:20:00.000000Z',32,'backup',100,'{"mode":"fill up","reserve":"fill up"}','bfdbfb3c0d130fed8614d801ffdfb0b174a0b6e17b7b53ac4bd56124d6f15b44','backup and reserve 100 % by "fill up": time Wed 14:20 (14:00-16:00)','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-15T20:50:00+00:00"},"since":"2026-07-15T20:48:00+00:00","turns":{}}');
CREATE TABLE effect (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	intent_id INTEGER NOT NULL, 
	effect TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_effect PRIMARY KEY (site, id), 
	CONSTRAINT fk_effect_intent FOREIGN KEY(site, intent_id) REFERENCES intent (site, id), 
	CONSTRAINT ck_effect_effect CHECK (effect IN ('confirmed', 'contradicted'))
)
 WITHOUT ROWID

;
INSERT INTO "effect" VALUES('home',36,'2026-07-15T21:24:00.000000Z',27,'confirmed','at SOE 59.4 % and 1000 W of load the battery charges 3300 W, 4300 W come from the grid');
CREATE TABLE event (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	rule TEXT NOT NULL, 
	scheduled_at TEXT NOT NULL, 
	action TEXT NOT NULL, 
	state TEXT NOT NULL, 
	CONSTRAINT pk_event PRIMARY KEY (site, id), 
	CONSTRAINT fk_event_run FOREIGN KEY(site, run_id) REFERENCES run (site, id), 
	CONSTRAINT uq_event_site_rule_scheduled_at UNIQUE (site, rule, scheduled_at), 
	CONSTRAINT ck_event_state CHECK (state IN ('fired', 'missed'))
)
 WITHOUT ROWID

;
INSERT INTO "event" VALUES('home',5,'2026-07-15T20:50:00.000000Z',1,'firmware before the peak','2026-07-15T20:50:00.000000Z','firmware-check','fired');
CREATE TABLE firmware_check (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	event_id INTEGER, 
	result TEXT NOT NULL, 
	state_raw TEXT NOT NULL, 
	version TEXT, 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_firmware_check PRIMARY KEY (site, id), 
	CONSTRAINT fk_firmware_check_run FOREIGN KEY(site, run_id) REFERENCES run (site, id), 
	CONSTRAINT fk_firmware_check_event FOREIGN KEY(site, event_id) REFERENCES event (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "firmware_check" VALUES('home',6,'2026-07-15T20:50:00.000000Z',1,5,'would','',NULL,'dry run: no check was asked for');
CREATE TABLE hold (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	word TEXT NOT NULL, 
	mode TEXT, 
	reserve INTEGER, 
	until TEXT, 
	"by" TEXT NOT NULL, 
	CONSTRAINT pk_hold PRIMARY KEY (site, id), 
	CONSTRAINT fk_hold_run FOREIGN KEY(site, run_id) REFERENCES run (site, id), 
	CONSTRAINT ck_hold_word CHECK (word IN ('hold', 'resume', 'release')), 
	CONSTRAINT ck_hold_mode CHECK (mode IN ('self_consumption', 'backup', 'autonomous')), 
	CONSTRAINT ck_hold_reserve CHECK (reserve BETWEEN 0 AND 100)
)
 WITHOUT ROWID

;
CREATE TABLE input (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	content TEXT, 
	CONSTRAINT pk_input PRIMARY KEY (site, id), 
	CONSTRAINT fk_input_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
CREATE TABLE intent (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	decision_id INTEGER, 
	previous_mode TEXT, 
	previous_reserve INTEGER, 
	wanted_mode TEXT NOT NULL, 
	wanted_reserve INTEGER NOT NULL, 
	cause TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	would BOOLEAN NOT NULL, 
	CONSTRAINT pk_intent PRIMARY KEY (site, id), 
	CONSTRAINT fk_intent_run FOREIGN KEY(site, run_id) REFERENCES run (site, id), 
	CONSTRAINT fk_intent_decision FOREIGN KEY(site, decision_id) REFERENCES decision (site, id), 
	CONSTRAINT ck_intent_would CHECK (would IN (0, 1)), 
	CONSTRAINT ck_intent_previous_mode CHECK (previous_mode IN ('self_consumption', 'backup', 'autonomous')), 
	CONSTRAINT ck_intent_previous_reserve CHECK (previous_reserve BETWEEN 0 AND 100), 
	CONSTRAINT ck_intent_wanted_mode CHECK (wanted_mode IN ('self_consumption', 'backup', 'autonomous')), 
	CONSTRAINT ck_intent_wanted_reserve CHECK (wanted_reserve BETWEEN 0 AND 100), 
	CONSTRAINT ck_intent_previous_is_whole CHECK ((previous_mode IS NULL) = (previous_reserve IS NULL))
)
 WITHOUT ROWID

;
INSERT INTO "intent" VALUES('home',13,'2026-07-15T20:53:00.000000Z',11,12,'self_consumption',20,'self_consumption',20,'may this account write?','self_consumption and reserve 20 % by default',0);
INSERT INTO "intent" VALUES('home',27,'2026-07-15T21:00:00.000000Z',11,26,'self_consumption',55,'backup',100,'time boundary','backup and reserve 100 % by "fill up": time Wed 14:00 (14:00-16:00)',0);
CREATE TABLE intent_sent (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	intent_id INTEGER NOT NULL, 
	CONSTRAINT pk_intent_sent PRIMARY KEY (site, id), 
	CONSTRAINT fk_intent_sent_intent FOREIGN KEY(site, intent_id) REFERENCES intent (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "intent_sent" VALUES('home',14,'2026-07-15T20:53:00.000000Z',13);
INSERT INTO "intent_sent" VALUES('home',28,'2026-07-15T21:00:00.000000Z',27);
CREATE TABLE note (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	text TEXT NOT NULL, 
	CONSTRAINT pk_note PRIMARY KEY (site, id), 
	CONSTRAINT fk_note_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "note" VALUES('home',19,'2026-07-15T20:55:05.000000Z',11,'held_back','self_consumption, reserve 20 % is wanted, but self_consumption, reserve 55 % is not what was written; looking again');
INSERT INTO "note" VALUES('home',22,'2026-07-15T20:57:05.000000Z',11,'held_back','self_consumption, reserve 20 % is wanted, but somebody else set self_consumption, reserve 55 %, respected until 2026-07-16 08:57 UTC');
CREATE TABLE observation (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	soe FLOAT, 
	site_power FLOAT, 
	battery_power FLOAT, 
	load_power FLOAT, 
	solar_power FLOAT, 
	grid TEXT, 
	grid_services BOOLEAN, 
	mode TEXT, 
	reserve FLOAT, 
	running BOOLEAN, 
	firmware TEXT, 
	earlier TEXT NOT NULL, tick_at TEXT, 
	CONSTRAINT pk_observation PRIMARY KEY (site, id), 
	CONSTRAINT fk_observation_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "observation" VALUES('home',4,'2026-07-15T20:48:00.000000Z',1,50.0,0.0,1000.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{}',NULL);
INSERT INTO "observation" VALUES('home',8,'2026-07-15T20:50:00.000000Z',1,4.97397302337310094361e+01,0.0,1000.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:48:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',9,'2026-07-15T20:52:00.000000Z',1,4.94794604674620046563e+01,0.0,1000.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:48:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',16,'2026-07-15T20:53:00.000000Z',11,4.93493255843275093744e+01,0.0,1000.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{}',NULL);
INSERT INTO "observation" VALUES('home',18,'2026-07-15T20:53:05.000000Z',11,4.93384810107329627735e+01,0.0,1000.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:53:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',20,'2026-07-15T20:55:05.000000Z',11,4.91056480156581542928e+01,2700.0,-1700.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',55.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:53:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',23,'2026-07-15T20:57:05.000000Z',11,4.9503860758049725633e+01,2700.0,-1700.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',55.0,1,'1.49.0 f7d0c6a1','{}',NULL);
INSERT INTO "observation" VALUES('home',24,'2026-07-15T20:59:05.000000Z',11,4.99020735004413040769e+01,2700.0,-1700.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',55.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:57:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',29,'2026-07-15T21:00:00.000000Z',11,5.0084587674037443607e+01,2700.0,-1700.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',55.0,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-15T21:00:00.000000Z","firmware":"2026-07-15T20:57:05.000000Z","grid":"2026-07-15T21:00:00.000000Z","grid_services":"2026-07-15T21:00:00.000000Z","load_power":"2026-07-15T21:00:00.000000Z","site_power":"2026-07-15T21:00:00.000000Z","soe":"2026-07-15T21:00:00.000000Z","solar_power":"2026-07-15T21:00:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',31,'2026-07-15T21:00:05.000000Z',11,5.01167960576132287542e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:57:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',34,'2026-07-15T21:20:00.000000Z',32,5.78145997322267817235e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{}',NULL);
INSERT INTO "observation" VALUES('home',35,'2026-07-15T21:22:00.000000Z',32,58.5876009380457,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:20:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',37,'2026-07-15T21:24:00.000000Z',32,5.93606021438646394008e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:20:00.000000Z"}',NULL);
CREATE TABLE open_intent (
	site TEXT NOT NULL, 
	intent_id INTEGER NOT NULL, 
	CONSTRAINT pk_open_intent PRIMARY KEY (site), 
	CONSTRAINT fk_open_intent_intent FOREIGN KEY(site, intent_id) REFERENCES intent (site, id)
)
 WITHOUT ROWID

;
CREATE TABLE outcome (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	intent_id INTEGER NOT NULL, 
	outcome TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_outcome PRIMARY KEY (site, id), 
	CONSTRAINT fk_outcome_intent FOREIGN KEY(site, intent_id) REFERENCES intent (site, id), 
	CONSTRAINT uq_outcome_site_intent_id UNIQUE (site, intent_id), 
	CONSTRAINT ck_outcome_outcome CHECK (outcome IN ('held', 'refused', 'mismatch', 'unreachable', 'superseded', 'would', 'recovered_applied', 'recovered_not_applied'))
)
 WITHOUT ROWID

;
INSERT INTO "outcome" VALUES('home',17,'2026-07-15T20:53:05.000000Z',13,'held','read back after 5 s');
INSERT INTO "outcome" VALUES('home',30,'2026-07-15T21:00:05.000000Z',27,'held','read back after 5 s');
CREATE TABLE override (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	ours_mode TEXT NOT NULL, 
	ours_reserve INTEGER NOT NULL, 
	found_mode TEXT NOT NULL, 
	found_reserve INTEGER NOT NULL, 
	until TEXT, 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_override PRIMARY KEY (site, id), 
	CONSTRAINT fk_override_run FOREIGN KEY(site, run_id) REFERENCES run (site, id), 
	CONSTRAINT ck_override_state CHECK (state IN ('began', 'ended')), 
	CONSTRAINT ck_override_ours_mode CHECK (ours_mode IN ('self_consumption', 'backup', 'autonomous')), 
	CONSTRAINT ck_override_ours_reserve CHECK (ours_reserve BETWEEN 0 AND 100), 
	CONSTRAINT ck_override_found_mode CHECK (found_mode IN ('self_consumption', 'backup', 'autonomous')), 
	CONSTRAINT ck_override_found_reserve CHECK (found_reserve BETWEEN 0 AND 100)
)
 WITHOUT ROWID

;
INSERT INTO "override" VALUES('home',21,'2026-07-15T20:57:05.000000Z',11,'began','self_consumption',20,'self_consumption',55,'2026-07-16T08:57:05.000000Z','somebody else set self_consumption, reserve 55 % instead of self_consumption, reserve 20 %, respected until 2026-07-16 08:57 UTC');
INSERT INTO "override" VALUES('home',25,'2026-07-15T21:00:00.000000Z',11,'ended','self_consumption',20,'self_consumption',55,'2026-07-16T08:57:05.000000Z','the rules want something else from now on');
CREATE TABLE rule_files (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	rules_hash TEXT NOT NULL, 
	content TEXT NOT NULL, 
	CONSTRAINT pk_rule_files PRIMARY KEY (site, id), 
	CONSTRAINT fk_rule_files_run FOREIGN KEY(site, run_id) REFERENCES run (site, id), 
	CONSTRAINT uq_rule_files_site_rules_hash UNIQUE (site, rules_hash)
)
 WITHOUT ROWID

;
CREATE TABLE run (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	version TEXT NOT NULL, 
	process TEXT NOT NULL, 
	dry_run BOOLEAN NOT NULL, 
	rules_hash TEXT NOT NULL, 
	CONSTRAINT pk_run PRIMARY KEY (site, id), 
	CONSTRAINT ck_run_dry_run CHECK (dry_run IN (0, 1))
)
 WITHOUT ROWID

;
INSERT INTO "run" VALUES('home',1,'2026-07-15T20:48:00.000000Z','1.2.0','boot:1',1,'bfdbfb3c0d130fed8614d801ffdfb0b174a0b6e17b7b53ac4bd56124d6f15b44');
INSERT INTO "run" VALUES('home',11,'2026-07-15T20:53:00.000000Z','1.2.0','boot:1',0,'bfdbfb3c0d130fed8614d801ffdfb0b174a0b6e17b7b53ac4bd56124d6f15b44');
INSERT INTO "run" VALUES('home',32,'2026-07-15T21:20:00.000000Z','1.2.0','boot:1',0,'bfdbfb3c0d130fed8614d801ffdfb0b174a0b6e17b7b53ac4bd56124d6f15b44');
CREATE TABLE run_end (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	CONSTRAINT pk_run_end PRIMARY KEY (site, id), 
	CONSTRAINT fk_run_end_run FOREIGN KEY(site, run_id) REFERENCES run (site, id), 
	CONSTRAINT uq_run_end_site_run_id UNIQUE (site, run_id)
)
 WITHOUT ROWID

;
INSERT INTO "run_end" VALUES('home',10,'2026-07-15T20:53:00.000000Z',1,'done');
INSERT INTO "run_end" VALUES('home',38,'2026-07-15T21:24:00.000000Z',32,'done');
CREATE INDEX ix_run_site_at ON run (site, at);
CREATE INDEX ix_run_end_site_at ON run_end (site, at);
CREATE INDEX ix_observation_site_at ON observation (site, at);
CREATE INDEX ix_decision_site_at ON decision (site, at);
CREATE INDEX ix_intent_site_at ON intent (site, at);
CREATE INDEX ix_intent_sent_site_at ON intent_sent (site, at);
CREATE INDEX ix_intent_sent_site_intent_id ON intent_sent (site, intent_id);
CREATE INDEX ix_outcome_site_at ON outcome (site, at);
CREATE INDEX ix_event_site_at ON event (site, at);
CREATE INDEX ix_firmware_check_site_at ON firmware_check (site, at);
CREATE INDEX ix_note_site_at ON note (site, at);
CREATE INDEX ix_input_site_at ON input (site, at);
CREATE INDEX ix_input_site_name_id ON input (site, name, id);
CREATE INDEX ix_rule_files_site_at ON rule_files (site, at);
CREATE INDEX ix_effect_site_at ON effect (site, at);
CREATE INDEX ix_effect_site_intent_id ON effect (site, intent_id);
CREATE INDEX ix_override_site_at ON override (site, at);
CREATE INDEX ix_hold_site_at ON hold (site, at);
CREATE INDEX ix_capability_site_at ON capability (site, at);
COMMIT;
