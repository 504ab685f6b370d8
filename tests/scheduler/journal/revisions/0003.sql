PRAGMA application_id=1347900227;
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
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
	started TEXT, chain BLOB, 
	CONSTRAINT pk_capability PRIMARY KEY (site, id), 
	CONSTRAINT fk_capability_run FOREIGN KEY(site, run_id) REFERENCES run (site, id), 
	CONSTRAINT ck_capability_may_write CHECK (may_write IN (0, 1)), 
	CONSTRAINT ck_capability_may_check_firmware CHECK (may_check_firmware IN (0, 1)), 
	CONSTRAINT ck_capability_may_install_firmware CHECK (may_install_firmware IN (0, 1))
)
 WITHOUT ROWID

;
INSERT INTO "capability" VALUES('home',2,'2026-07-15T20:48:00.000000Z',1,'1.49.0 f7d0c6a1','installer',NULL,1,NULL,'{"export":false,"grid_charging":false,"modes":["autonomous","backup","self_consumption"],"reserve_ceiling":100}','2026-07-06 14:48:00 +0800',X'7465AD5DFFC9BF7D75650390B207B09AE39B8F4D6A5876FC74418C07EB7FC6F2');
INSERT INTO "capability" VALUES('home',6,'2026-07-15T20:48:00.000000Z',1,'1.49.0 f7d0c6a1','installer',1,1,NULL,'{"export":false,"grid_charging":false,"modes":["autonomous","backup","self_consumption"],"reserve_ceiling":100}','2026-07-06 14:48:00 +0800',X'9FF3E66877E0E4719AB56373805469D84DF8F4ED63BFE1AE92E72307C8B0827B');
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
	memory TEXT NOT NULL, chain BLOB, 
	CONSTRAINT pk_decision PRIMARY KEY (site, id), 
	CONSTRAINT fk_decision_run FOREIGN KEY(site, run_id) REFERENCES run (site, id), 
	CONSTRAINT ck_decision_mode CHECK (mode IN ('self_consumption', 'backup', 'autonomous')), 
	CONSTRAINT ck_decision_reserve CHECK (reserve BETWEEN 0 AND 100)
)
 WITHOUT ROWID

;
INSERT INTO "decision" VALUES('home',3,'2026-07-15T20:48:00.000000Z',1,'self_consumption',20,'{"mode":"default","reserve":"default"}','2e52ee93bd1e1312c4b6540e208855647f3e25d9965e27cb2ea636b94eb44aec','self_consumption and reserve 20 % by default','{"fired":{},"rules":{},"settled":{},"since":"2026-07-15T20:48:00+00:00","turns":{}}',X'318336D7053E957BDF5C9553EE31976A0E6DA71E8D8156480B92576A725246F7');
INSERT INTO "decision" VALUES('home',13,'2026-07-15T20:53:00.000000Z',12,'self_consumption',20,'{"mode":"default","reserve":"default"}','2e52ee93bd1e1312c4b6540e208855647f3e25d9965e27cb2ea636b94eb44aec','self_consumption and reserve 20 % by default','{"fired":{},"rules":{},"settled":{},"since":"2026-07-15T20:48:00+00:00","turns":{}}',X'E5D3EEB6D869D264F06265D6BF58C67F24ABF81EA8C96FDE920AA791ADFFE807');
INSERT INTO "decision" VALUES('home',17,'2026-07-15T21:00:00.000000Z',12,'backup',100,'{"mode":"fill up","reserve":"fill up"}','2e52ee93bd1e1312c4b6540e208855647f3e25d9965e27cb2ea636b94eb44aec','backup and reserve 100 % by "fill up": time Wed 14:00 (14:00-16:00)','{"fired":{},"rules":{},"settled":{},"since":"2026-07-15T20:48:00+00:00","turns":{}}',X'F86F12D11B046DE39D1D14337710731C5436910F990EE23191666D1F49710743');
INSERT INTO "decision" VALUES('home',35,'2026-07-15T21:20:00.000000Z',12,'backup',100,'{"mode":"fill up","reserve":"fill up"}','2e52ee93bd1e1312c4b6540e208855647f3e25d9965e27cb2ea636b94eb44aec','backup and reserve 100 % by "fill up": time Wed 14:20 (14:00-16:00)','{"fired":{},"rules":{},"settled":{"look":"2026-07-15T21:20:00+00:00"},"since":"2026-07-15T20:48:00+00:00","turns":{}}',X'33821D097608393CFFCF79FC0D2DB378CF1E22324AB82A83A9E520D5B0A9AF54');
INSERT INTO "decision" VALUES('home',51,'2026-07-15T21:40:00.000000Z',12,'backup',70,'{"mode":"owner","reserve":"owner"}','2e52ee93bd1e1312c4b6540e208855647f3e25d9965e27cb2ea636b94eb44aec','backup and reserve 70 % by the owner''s word until 14:50','{"fired":{},"rules":{},"settled":{"look":"2026-07-15T21:20:00+00:00"},"since":"2026-07-15T20:48:00+00:00","turns":{}}',X'C6911A82169391CFFF153D7233A6205301B5708C00928E1064D8F79217D2BA8A');
INSERT INTO "decision" VALUES('home',62,'2026-07-15T21:50:00.000000Z',12,'backup',100,'{"mode":"fill up","reserve":"fill up"}','2e52ee93bd1e1312c4b6540e208855647f3e25d9965e27cb2ea636b94eb44aec','backup and reserve 100 % by "fill up": time Wed 14:50 (14:00-16:00)','{"fired":{},"rules":{},"settled":{"look":"2026-07-15T21:20:00+00:00"},"since":"2026-07-15T20:48:00+00:00","turns":{}}',X'FD676F907CF67FA6868DDBFCDEF9DC7AF5629A7F44890FF8A17D9FBCC5A5AF02');
CREATE TABLE effect (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	intent_id INTEGER NOT NULL, 
	effect TEXT NOT NULL, 
	detail TEXT NOT NULL, chain BLOB, 
	CONSTRAINT pk_effect PRIMARY KEY (site, id), 
	CONSTRAINT fk_effect_intent FOREIGN KEY(site, intent_id) REFERENCES intent (site, id), 
	CONSTRAINT ck_effect_effect CHECK (effect IN ('confirmed', 'contradicted'))
)
 WITHOUT ROWID

;
INSERT INTO "effect" VALUES('home',25,'2026-07-15T21:09:05.000000Z',18,'contradicted','at SOE 47.3 % and 1000 W of load the battery discharges 1000 W',X'A38981C32ED27507F566513359B23049186E492948A4D1DCF7F4A31710A17ADB');
CREATE TABLE event (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	rule TEXT NOT NULL, 
	scheduled_at TEXT NOT NULL, 
	action TEXT NOT NULL, 
	state TEXT NOT NULL, chain BLOB, 
	CONSTRAINT pk_event PRIMARY KEY (site, id), 
	CONSTRAINT fk_event_run FOREIGN KEY(site, run_id) REFERENCES run (site, id), 
	CONSTRAINT uq_event_site_rule_scheduled_at UNIQUE (site, rule, scheduled_at), 
	CONSTRAINT ck_event_state CHECK (state IN ('fired', 'missed'))
)
 WITHOUT ROWID

;
INSERT INTO "event" VALUES('home',34,'2026-07-15T21:20:00.000000Z',12,'look','2026-07-15T21:20:00.000000Z','firmware-check','fired',X'62C9E39578EBCDE5F25D6569F997C0DD23D3E83A5F4A8513012DA440827254F3');
CREATE TABLE firmware_check (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	event_id INTEGER, 
	result TEXT NOT NULL, 
	state_raw TEXT NOT NULL, 
	version TEXT, 
	detail TEXT NOT NULL, chain BLOB, 
	CONSTRAINT pk_firmware_check PRIMARY KEY (site, id), 
	CONSTRAINT fk_firmware_check_run FOREIGN KEY(site, run_id) REFERENCES run (site, id), 
	CONSTRAINT fk_firmware_check_event FOREIGN KEY(site, event_id) REFERENCES event (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "firmware_check" VALUES('home',39,'2026-07-15T21:20:45.000000Z',12,34,'nothing newer','/update_succeeded nonactionable','1.49.0 f7d0c6a1','the gateway has the newest firmware',X'AB4BF0475B98B3A89C01672C2A07A0D99E43EE243486E08A297420590579374B');
CREATE TABLE gap (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	since TEXT, 
	reason TEXT NOT NULL, 
	set_aside TEXT, 
	chain BLOB, 
	CONSTRAINT pk_gap PRIMARY KEY (site, id)
)
 WITHOUT ROWID

;
CREATE TABLE hold (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	word TEXT NOT NULL, 
	mode TEXT, 
	reserve INTEGER, 
	until TEXT, 
	"by" TEXT NOT NULL, chain BLOB, 
	CONSTRAINT pk_hold PRIMARY KEY (site, id), 
	CONSTRAINT fk_hold_run FOREIGN KEY(site, run_id) REFERENCES run (site, id), 
	CONSTRAINT ck_hold_word CHECK (word IN ('hold', 'resume', 'release')), 
	CONSTRAINT ck_hold_mode CHECK (mode IN ('self_consumption', 'backup', 'autonomous')), 
	CONSTRAINT ck_hold_reserve CHECK (reserve BETWEEN 0 AND 100)
)
 WITHOUT ROWID

;
INSERT INTO "hold" VALUES('home',50,'2026-07-15T21:40:00.000000Z',12,'hold','backup',70,'2026-07-15T21:50:00.000000Z','anna',X'9A464D7B2748619A7C56526F51F26F92574044D2FB6E323E398FAF805EC1A1A9');
INSERT INTO "hold" VALUES('home',61,'2026-07-15T21:50:00.000000Z',12,'resume',NULL,NULL,NULL,'the clock',X'BF0C9A345BB0A18DF10267B4FB4BB351CE4E91A0E3DA224C2A76C0BE8CA90EFD');
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
	would BOOLEAN NOT NULL, chain BLOB, 
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
INSERT INTO "intent" VALUES('home',4,'2026-07-15T20:48:00.000000Z',1,3,'self_consumption',20,'self_consumption',20,'finding out whether this account may write','self_consumption and reserve 20 % by default',0,X'C71B4A57E153F2049903F6981A78D257C41F39D54C9F7A610C89945F2F306865');
INSERT INTO "intent" VALUES('home',18,'2026-07-15T21:00:00.000000Z',12,17,'self_consumption',20,'backup',100,'time boundary','backup and reserve 100 % by "fill up": time Wed 14:00 (14:00-16:00)',0,X'FAF41BC997836485CE4E29D4F939C8E551C9739E085D2525513DC73EB6D50A4E');
INSERT INTO "intent" VALUES('home',26,'2026-07-15T21:09:05.000000Z',12,17,'backup',100,'backup',100,'no effect seen','backup and reserve 100 % by "fill up": time Wed 14:00 (14:00-16:00)',0,X'1A31D7228359BC5692406A5083EE6B5E6729C8124E09DB17155D192DF787B70E');
INSERT INTO "intent" VALUES('home',52,'2026-07-15T21:40:00.000000Z',12,51,'self_consumption',60,'backup',70,'the owner''s word','backup and reserve 70 % by the owner''s word until 14:50',0,X'6056A07AF9D776D9614305B81158094E3E40F17C7215DB87C0EF1E2AD99A181D');
INSERT INTO "intent" VALUES('home',63,'2026-07-15T21:50:00.000000Z',12,62,'backup',70,'backup',100,'time boundary','backup and reserve 100 % by "fill up": time Wed 14:50 (14:00-16:00)',0,X'731CC359B572732B0D6E59C410BC63E9A39711E7D3258B556D83233517C9B96B');
CREATE TABLE intent_sent (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	intent_id INTEGER NOT NULL, chain BLOB, 
	CONSTRAINT pk_intent_sent PRIMARY KEY (site, id), 
	CONSTRAINT fk_intent_sent_intent FOREIGN KEY(site, intent_id) REFERENCES intent (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "intent_sent" VALUES('home',5,'2026-07-15T20:48:00.000000Z',4,X'25D1B516521D2F79B74DA4AB043F7E894930B09234D1B291D66860EB856F09D3');
INSERT INTO "intent_sent" VALUES('home',19,'2026-07-15T21:00:00.000000Z',18,X'EB774FACE2ED34AC041F3615B3B7D161132E0D0840B17D584E69A10EF9D7CB1A');
INSERT INTO "intent_sent" VALUES('home',27,'2026-07-15T21:09:05.000000Z',26,X'60BB52EE21AD81EB95096B8EC24B2D8FB9BDDE6525EC2B46C17453A02C35D511');
INSERT INTO "intent_sent" VALUES('home',54,'2026-07-15T21:40:00.000000Z',52,X'9E27F7A61FBFB9FA484D805FEBCB52699C75AA04765CDD4F9879DE6DA379E43C');
INSERT INTO "intent_sent" VALUES('home',64,'2026-07-15T21:50:00.000000Z',63,X'7BAE6500378604764B004CE529381C03DD49049E168ECE4F7C5ECEF77B53B45D');
CREATE TABLE mean (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	readings INTEGER NOT NULL, 
	soe FLOAT, 
	site_power FLOAT, 
	battery_power FLOAT, 
	load_power FLOAT, 
	solar_power FLOAT, 
	CONSTRAINT pk_mean PRIMARY KEY (site, id)
)
 WITHOUT ROWID

;
CREATE TABLE note (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	text TEXT NOT NULL, chain BLOB, 
	CONSTRAINT pk_note PRIMARY KEY (site, id), 
	CONSTRAINT fk_note_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "note" VALUES('home',44,'2026-07-15T21:32:45.000000Z',12,'held_back','backup, reserve 100 % is wanted, but self_consumption, reserve 60 % is not what was written; looking again',X'368289F4708D7121AF2FB4DF1F5D9D096876C382A556072DAB25B451D2E99B68');
INSERT INTO "note" VALUES('home',47,'2026-07-15T21:35:45.000000Z',12,'held_back','backup, reserve 100 % is wanted, but somebody else set self_consumption, reserve 60 %, respected until 2026-07-16 09:35 UTC',X'9B4C43470E39AC03DD2BE0295407644A4BBE8F09178FF984EF739D6A0A7FE637');
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
INSERT INTO "observation" VALUES('home',7,'2026-07-15T20:48:00.000000Z',1,50.0,0.0,1000.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{}',NULL);
INSERT INTO "observation" VALUES('home',9,'2026-07-15T20:48:05.000000Z',1,4.9989155426405453399e+01,0.0,1000.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:48:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',10,'2026-07-15T20:51:05.000000Z',1,4.95987507770019462336e+01,0.0,1000.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:48:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',14,'2026-07-15T20:53:00.000000Z',12,4.93493255843274951626e+01,0.0,1000.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{}',NULL);
INSERT INTO "observation" VALUES('home',15,'2026-07-15T20:56:00.000000Z',12,48.958920934924,0.0,1000.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:53:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',16,'2026-07-15T20:59:00.000000Z',12,48.5685162855205,0.0,1000.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:53:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',20,'2026-07-15T21:00:00.000000Z',12,4.84383814023860068695e+01,0.0,1000.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-15T21:00:00.000000Z","firmware":"2026-07-15T20:53:00.000000Z","grid":"2026-07-15T21:00:00.000000Z","grid_services":"2026-07-15T21:00:00.000000Z","load_power":"2026-07-15T21:00:00.000000Z","site_power":"2026-07-15T21:00:00.000000Z","soe":"2026-07-15T21:00:00.000000Z","solar_power":"2026-07-15T21:00:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',22,'2026-07-15T21:00:05.000000Z',12,4.84275368287914673723e+01,0.0,1000.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:53:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',23,'2026-07-15T21:03:05.000000Z',12,4.80371321793879602068e+01,0.0,1000.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:53:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',24,'2026-07-15T21:06:05.000000Z',12,4.76467275299844601494e+01,0.0,1000.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:53:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',28,'2026-07-15T21:09:05.000000Z',12,4.72563228805809529839e+01,0.0,1000.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{}',NULL);
INSERT INTO "observation" VALUES('home',30,'2026-07-15T21:09:10.000000Z',12,4.72885312641567523428e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:09:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',31,'2026-07-15T21:12:10.000000Z',12,4.84480330728851456018e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:09:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',32,'2026-07-15T21:15:10.000000Z',12,4.96075348816135459645e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:09:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',33,'2026-07-15T21:18:10.000000Z',12,5.07670366903419463273e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:09:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',36,'2026-07-15T21:20:00.000000Z',12,5.14756211290093048651e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:09:05.000000Z","mode":"2026-07-15T21:18:10.000000Z","reserve":"2026-07-15T21:18:10.000000Z","running":"2026-07-15T21:18:10.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',37,'2026-07-15T21:20:15.000000Z',12,5.15722462797366674189e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:09:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',38,'2026-07-15T21:20:30.000000Z',12,5.16688714304640370764e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:09:05.000000Z","mode":"2026-07-15T21:20:15.000000Z","reserve":"2026-07-15T21:20:15.000000Z","running":"2026-07-15T21:20:15.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',40,'2026-07-15T21:20:45.000000Z',12,5.17654965811913925222e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:09:05.000000Z","mode":"2026-07-15T21:20:15.000000Z","reserve":"2026-07-15T21:20:15.000000Z","running":"2026-07-15T21:20:15.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',41,'2026-07-15T21:23:45.000000Z',12,52.9249983899198,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:09:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',42,'2026-07-15T21:26:45.000000Z',12,54.0845001986482,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{}',NULL);
INSERT INTO "observation" VALUES('home',43,'2026-07-15T21:29:45.000000Z',12,5.52440020073765936103e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:26:45.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',45,'2026-07-15T21:32:45.000000Z',12,5.58881696788923818539e+01,2700.0,-1700.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',60.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:26:45.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',48,'2026-07-15T21:35:45.000000Z',12,5.64854887924797353102e+01,2700.0,-1700.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',60.0,1,'1.49.0 f7d0c6a1','{}',NULL);
INSERT INTO "observation" VALUES('home',49,'2026-07-15T21:38:45.000000Z',12,5.70828079060670887665e+01,2700.0,-1700.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',60.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:35:45.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',55,'2026-07-15T21:40:00.000000Z',12,5.73316908700618270682e+01,2700.0,-1700.0,1000.0,0.0,'SystemGridConnected',0,'self_consumption',60.0,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-15T21:40:00.000000Z","firmware":"2026-07-15T21:35:45.000000Z","grid":"2026-07-15T21:40:00.000000Z","grid_services":"2026-07-15T21:40:00.000000Z","load_power":"2026-07-15T21:40:00.000000Z","site_power":"2026-07-15T21:40:00.000000Z","soe":"2026-07-15T21:40:00.000000Z","solar_power":"2026-07-15T21:40:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',57,'2026-07-15T21:40:05.000000Z',12,5.73638992536376193234e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',70.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:35:45.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',58,'2026-07-15T21:43:05.000000Z',12,5.85234010623660267941e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',70.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:35:45.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',59,'2026-07-15T21:46:05.000000Z',12,5.96829028710944271569e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',70.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:35:45.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',60,'2026-07-15T21:49:05.000000Z',12,6.0842404679822841727e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',70.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:35:45.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',65,'2026-07-15T21:50:00.000000Z',12,6.11966968991565138944e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',70.0,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-15T21:50:00.000000Z","firmware":"2026-07-15T21:35:45.000000Z","grid":"2026-07-15T21:50:00.000000Z","grid_services":"2026-07-15T21:50:00.000000Z","load_power":"2026-07-15T21:50:00.000000Z","site_power":"2026-07-15T21:50:00.000000Z","soe":"2026-07-15T21:50:00.000000Z","solar_power":"2026-07-15T21:50:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',67,'2026-07-15T21:50:05.000000Z',12,6.12289052827323061495e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:35:45.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',68,'2026-07-15T21:53:05.000000Z',12,6.23884070914607065123e+01,4300.0,-3300.0,1000.0,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{}',NULL);
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
	detail TEXT NOT NULL, chain BLOB, 
	CONSTRAINT pk_outcome PRIMARY KEY (site, id), 
	CONSTRAINT fk_outcome_intent FOREIGN KEY(site, intent_id) REFERENCES intent (site, id), 
	CONSTRAINT uq_outcome_site_intent_id UNIQUE (site, intent_id), 
	CONSTRAINT ck_outcome_outcome CHECK (outcome IN ('held', 'refused', 'mismatch', 'unreachable', 'superseded', 'would', 'recovered_applied', 'recovered_not_applied'))
)
 WITHOUT ROWID

;
INSERT INTO "outcome" VALUES('home',8,'2026-07-15T20:48:05.000000Z',4,'held','read back after 5 s',X'290A185DFDC7955DEA153ACAD1835A3797E636E053623493C436C0D8385E3875');
INSERT INTO "outcome" VALUES('home',21,'2026-07-15T21:00:05.000000Z',18,'held','read back after 5 s',X'4035249115AE649897E06A76F667E82F8C47FD0F93292280BCB88EAC6375D4E1');
INSERT INTO "outcome" VALUES('home',29,'2026-07-15T21:09:10.000000Z',26,'held','read back after 5 s',X'E245703B0A40CD7F23959C19FBFC7F6C2AF651D7A303D949ACE0BBB029E3D058');
INSERT INTO "outcome" VALUES('home',56,'2026-07-15T21:40:05.000000Z',52,'held','read back after 5 s',X'259B2E5619BC79DB066FC3A5D2FC14F7BB788D07427EB2C29522A8E3AC97EAFD');
INSERT INTO "outcome" VALUES('home',66,'2026-07-15T21:50:05.000000Z',63,'held','read back after 5 s',X'93AD195705D262BF5AD5EA9D71026B5429B0A20BC70A454D32434C30A5F1563E');
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
	detail TEXT NOT NULL, chain BLOB, 
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
INSERT INTO "override" VALUES('home',46,'2026-07-15T21:35:45.000000Z',12,'began','backup',100,'self_consumption',60,'2026-07-16T09:35:45.000000Z','somebody else set self_consumption, reserve 60 % instead of backup, reserve 100 %, respected until 2026-07-16 09:35 UTC',X'A62A56DD090EFAEA2309040D08BDB62813C44058AF004184CAE664B1441C35FD');
INSERT INTO "override" VALUES('home',53,'2026-07-15T21:40:00.000000Z',12,'ended','backup',100,'self_consumption',60,'2026-07-16T09:35:45.000000Z','it is written over, by a rule or a word that insists',X'6D0F264BF33C1313A4ADD690B661CB5916E5D9408CD723363EFBBBDF260736D7');
CREATE TABLE rule_files (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	rules_hash TEXT NOT NULL, 
	content TEXT NOT NULL, chain BLOB, 
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
	rules_hash TEXT NOT NULL, chain BLOB, 
	CONSTRAINT pk_run PRIMARY KEY (site, id), 
	CONSTRAINT ck_run_dry_run CHECK (dry_run IN (0, 1))
)
 WITHOUT ROWID

;
INSERT INTO "run" VALUES('home',1,'2026-07-15T20:48:00.000000Z','1.2.0','boot:1',0,'2e52ee93bd1e1312c4b6540e208855647f3e25d9965e27cb2ea636b94eb44aec',X'FEC75DC141D1B05E051510B78E6B35E500D32E0FF70E9C362435DF417EA4BB29');
INSERT INTO "run" VALUES('home',12,'2026-07-15T20:53:00.000000Z','1.2.0','boot:1',0,'2e52ee93bd1e1312c4b6540e208855647f3e25d9965e27cb2ea636b94eb44aec',X'00A985E7C0D6ADB977D3EE1EF792B68963FC06C4C7DC8BE58A6BC03AE91E820A');
CREATE TABLE run_end (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	reason TEXT NOT NULL, chain BLOB, 
	CONSTRAINT pk_run_end PRIMARY KEY (site, id), 
	CONSTRAINT fk_run_end_run FOREIGN KEY(site, run_id) REFERENCES run (site, id), 
	CONSTRAINT uq_run_end_site_run_id UNIQUE (site, run_id)
)
 WITHOUT ROWID

;
INSERT INTO "run_end" VALUES('home',11,'2026-07-15T20:53:00.000000Z',1,'done',X'72CF09876B5508F7B057D17CDAA039499E6E61C7967840B88D43A003EB4C7C18');
INSERT INTO "run_end" VALUES('home',69,'2026-07-15T21:55:00.000000Z',12,'done',X'3E9F4F5C9F53D99A11D00AB019AAEB55E4E8134D72F414B2B019B14A637E9063');
CREATE TABLE seal (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	first INTEGER NOT NULL, 
	last INTEGER NOT NULL, 
	count INTEGER NOT NULL, 
	digest BLOB NOT NULL, 
	replaces INTEGER, 
	chain BLOB, 
	CONSTRAINT pk_seal PRIMARY KEY (site, id), 
	CONSTRAINT fk_seal_seal FOREIGN KEY(site, replaces) REFERENCES seal (site, id), 
	CONSTRAINT uq_seal_site_replaces UNIQUE (site, replaces)
)
 WITHOUT ROWID

;
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
CREATE INDEX ix_gap_site_at ON gap (site, at);
CREATE INDEX ix_seal_site_at ON seal (site, at);
CREATE INDEX ix_mean_site_at ON mean (site, at);
COMMIT;
