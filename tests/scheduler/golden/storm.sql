PRAGMA application_id = 1347900227;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('r1');
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
	chain BLOB NOT NULL, 
	CONSTRAINT pk_capability PRIMARY KEY (site, id), 
	CONSTRAINT ck_capability_may_write CHECK (may_write IN (0, 1)), 
	CONSTRAINT ck_capability_may_check_firmware CHECK (may_check_firmware IN (0, 1)), 
	CONSTRAINT ck_capability_may_install_firmware CHECK (may_install_firmware IN (0, 1)), 
	CONSTRAINT fk_capability_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "capability" VALUES('home',3,'2026-10-31T19:00:00.000000Z',1,'1.49.0 f7d0c6a1','installer',NULL,1,NULL,'{"export":[],"grid_charging":[],"modes":["self_consumption","backup","autonomous"],"reserve_ceiling":100,"together":["mode","reserve"],"unreadable":[]}','2026-10-22 13:00:00 +0800',X'65B53E2C1663E929F0A82E15397F719D99C36CF732C685CECA97078687C609CC');
INSERT INTO "capability" VALUES('home',11,'2026-10-31T19:00:00.000000Z',1,'1.49.0 f7d0c6a1','installer',1,1,NULL,'{"export":[],"grid_charging":[],"modes":["self_consumption","backup","autonomous"],"reserve_ceiling":100,"together":["mode","reserve"],"unreadable":[]}','2026-10-22 13:00:00 +0800',X'1E1A0731562F6D47BC060EA09FD58D5180DD93C7828E48F053A7B2EFFADAE931');
CREATE TABLE decision (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	mode TEXT, 
	reserve INTEGER, 
	grid_charging BOOLEAN, 
	export TEXT, 
	winners TEXT NOT NULL, 
	rules_hash TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	memory TEXT NOT NULL, 
	cause TEXT NOT NULL, 
	chain BLOB NOT NULL, 
	CONSTRAINT pk_decision PRIMARY KEY (site, id), 
	CONSTRAINT ck_decision_grid_charging CHECK (grid_charging IN (0, 1)), 
	CONSTRAINT ck_decision_mode CHECK ("mode" IN ('self_consumption', 'backup', 'autonomous')), 
	CONSTRAINT ck_decision_reserve CHECK (reserve BETWEEN 0 AND 100), 
	CONSTRAINT ck_decision_export CHECK ("export" IN ('never', 'pv_only', 'battery_ok')), 
	CONSTRAINT fk_decision_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "decision" VALUES('home',8,'2026-10-31T19:00:00.000000Z',1,'self_consumption',50,NULL,NULL,'{"mode":"default","reserve":"storm season"}','d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sat 31 Oct (jun..nov)','{"fired":{},"rules":{"a storm is coming":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":["when.soe_below"],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":true,"held":[],"holds":false,"since":"2026-10-31T19:00:00+00:00"}}}','the gateway has another setting',X'145B51CBCD04E0D3638D58F74A2F34D4A7E792C7AABCEFE1A6FA88B2F63C974B');
INSERT INTO "decision" VALUES('home',103,'2026-10-31T20:29:05.000000Z',1,'self_consumption',50,NULL,NULL,'{"mode":"default","reserve":"storm season"}','d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sat 31 Oct (jun..nov)','{"fired":{},"rules":{"a storm is coming":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":[],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":true,"held":[],"holds":false,"since":"2026-10-31T19:00:00+00:00"}}}','the gateway has another setting',X'B65B8159AD266390F7448DCD3A31EB9DC1DFD21DA5A341CE7F4BD794E96292E8');
INSERT INTO "decision" VALUES('home',258,'2026-10-31T23:00:05.000000Z',1,'backup',100,NULL,NULL,'{"mode":"a storm is coming","reserve":"a storm is coming"}','d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8','backup and reserve 100 % by "a storm is coming", charge to 100 %: flag set until Sun 01 Nov 06:00 ("storm" set)','{"fired":{},"rules":{"a storm is coming":{"active":true,"captured":null,"held":[],"holds":true,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{"say that the storm rules hold":"2026-10-31T23:00:05+00:00"},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":[],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":true,"held":[],"holds":true,"since":"2026-10-31T23:00:05+00:00"}}}','state of the house',X'83451FC318D0C6E4E204163B91066F1DFA39FBC8757B33E6ED5204D94CB6EDED');
INSERT INTO "decision" VALUES('home',984,'2026-11-01T11:00:00.000000Z',1,'self_consumption',50,NULL,NULL,'{"mode":"default","reserve":"storm season"}','d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sun 01 Nov (jun..nov)','{"fired":{},"rules":{"a storm is coming":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{"say that the storm rules hold":"2026-10-31T23:00:05+00:00"},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":[],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":false,"held":[],"holds":false,"since":"2026-11-01T11:00:00+00:00"}}}','state of the house',X'51427925CE1FA825D19E4EA95F4B772A69448977D68EAF4846B75374E656823B');
INSERT INTO "decision" VALUES('home',1160,'2026-11-01T13:49:05.000000Z',1,'self_consumption',50,NULL,NULL,'{"mode":"default","reserve":"storm season"}','d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sun 01 Nov (jun..nov)','{"fired":{},"rules":{"a storm is coming":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{"say that the storm rules hold":"2026-10-31T23:00:05+00:00"},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":["when.soe_below"],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":false,"held":[],"holds":false,"since":"2026-11-01T11:00:00+00:00"}}}','the gateway has another setting',X'2A85BF3EEA6F336A6FD34373CD6FF970CF136B2632843A20E9170910A949A41B');
INSERT INTO "decision" VALUES('home',1173,'2026-11-01T14:00:00.000000Z',1,'self_consumption',70,NULL,NULL,'{"mode":"default","reserve":"owner"}','d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8','reserve 70 % by the owner''s word until 12:00; self_consumption by default','{"fired":{},"rules":{"a storm is coming":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{"say that the storm rules hold":"2026-10-31T23:00:05+00:00"},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":["when.soe_below"],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":false,"held":[],"holds":false,"since":"2026-11-01T11:00:00+00:00"}}}','the owner''s word',X'CD73FB3579B90BD633AD00D49C6472E8237331AE6D9794361925F45CF40BABA4');
INSERT INTO "decision" VALUES('home',1342,'2026-11-01T16:43:05.000000Z',1,'self_consumption',70,NULL,NULL,'{"mode":"default","reserve":"owner"}','d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8','reserve 70 % by the owner''s word until 12:00; self_consumption by default','{"fired":{},"rules":{"a storm is coming":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{"say that the storm rules hold":"2026-10-31T23:00:05+00:00"},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":[],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":false,"held":[],"holds":false,"since":"2026-11-01T11:00:00+00:00"}}}','the gateway has another setting',X'D7441B1DC647C0816738B494205A7DEA4CF1B0108D5430D6968AEBDF71927540');
INSERT INTO "decision" VALUES('home',1361,'2026-11-01T17:00:00.000000Z',1,'self_consumption',50,NULL,NULL,'{"mode":"default","reserve":"storm season"}','d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sun 01 Nov (jun..nov)','{"fired":{},"rules":{"a storm is coming":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{"say that the storm rules hold":"2026-10-31T23:00:05+00:00"},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":[],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":false,"held":[],"holds":false,"since":"2026-11-01T11:00:00+00:00"}}}','time boundary',X'22943FFC3A386DF2E0BB31C450ADE5F557233C3AD66C37AAC5E00C6616262812');
INSERT INTO "decision" VALUES('home',1489,'2026-11-01T19:00:00.000000Z',1,'self_consumption',50,NULL,NULL,'{"mode":"default","reserve":"storm season"}','66e0491fb8dac9be645cd4b56cccd4145177a6cbf19a1b9373cc67d805464b05','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sun 01 Nov (jun..nov)','{"fired":{},"rules":{"a storm is coming":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{"say that the storm rules hold":"2026-10-31T23:00:05+00:00"},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":[],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":false,"held":[],"holds":false,"since":"2026-11-01T11:00:00+00:00"}}}','the gateway has another setting',X'84B82CA1BB5F4A8DFB685DAC12B6F9E0B0081B7E8D94C37914FB19D1094EF93C');
INSERT INTO "decision" VALUES('home',1806,'2026-11-02T00:16:00.000000Z',1,'self_consumption',50,NULL,NULL,'{"mode":"default","reserve":"storm season"}','66e0491fb8dac9be645cd4b56cccd4145177a6cbf19a1b9373cc67d805464b05','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sun 01 Nov (jun..nov)','{"fired":{},"rules":{"a storm is coming":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{"say that the storm rules hold":"2026-10-31T23:00:05+00:00"},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":["when.soe_below"],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":false,"held":[],"holds":false,"since":"2026-11-01T11:00:00+00:00"}}}','the gateway has another setting',X'E79E5EDEE283E0BB6A5A91903736903E488E515A60872D9487BB471A1454D1C0');
CREATE TABLE effect (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	intent_id INTEGER NOT NULL, 
	effect TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	chain BLOB NOT NULL, 
	CONSTRAINT pk_effect PRIMARY KEY (site, id), 
	CONSTRAINT fk_effect_intent FOREIGN KEY(site, intent_id) REFERENCES intent (site, id), 
	CONSTRAINT ck_effect_effect CHECK ("effect" IN ('confirmed', 'contradicted')), 
	CONSTRAINT fk_effect_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "effect" VALUES('home',292,'2026-10-31T23:30:10.000000Z',1,259,'confirmed','at SOE 100.0 % and 1915 W of load the battery rests, 632 W come from the grid',X'7499975F774F41C50C7AB305893843BA832FD69962EDA8EEA902325C2AC8DE2F');
INSERT INTO "effect" VALUES('home',1039,'2026-11-01T11:50:05.000000Z',1,985,'confirmed','at SOE 97.4 % and 410 W of load the battery discharges 410 W',X'3B0CEF49790CF9235CC3FC263DE6469F7C3CC1470EE0F8DFB2EC0D91E43C7FDC');
INSERT INTO "effect" VALUES('home',1870,'2026-11-02T01:20:00.000000Z',1,1362,'confirmed','at SOE 66.6 % and 2115 W of load the battery discharges 2115 W',X'B796F97A7457DAE18BB338E6BBD5563160318AE3088EE6CAE5E3614DA9F39380');
CREATE TABLE event (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	rule TEXT NOT NULL, 
	scheduled_at TEXT NOT NULL, 
	action TEXT NOT NULL, 
	state TEXT NOT NULL, 
	chain BLOB NOT NULL, 
	CONSTRAINT pk_event PRIMARY KEY (site, id), 
	CONSTRAINT uq_event_site_rule_scheduled_at UNIQUE (site, rule, scheduled_at), 
	CONSTRAINT ck_event_action CHECK ("action" IN ('firmware-check', 'notify')), 
	CONSTRAINT ck_event_state CHECK ("state" IN ('fired', 'missed')), 
	CONSTRAINT fk_event_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "event" VALUES('home',255,'2026-10-31T23:00:05.000000Z',1,'say that the storm rules hold','2026-10-31T23:00:05.000000Z','notify','fired',X'B2DB6307BD8CCFA5A34FF8A3D009B27097719F031A4B7E0D1B251B71ACC76A07');
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
	chain BLOB NOT NULL, 
	CONSTRAINT pk_firmware_check PRIMARY KEY (site, id), 
	CONSTRAINT fk_firmware_check_event FOREIGN KEY(site, event_id) REFERENCES event (site, id), 
	CONSTRAINT fk_firmware_check_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
CREATE TABLE gap (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	since TEXT, 
	reason TEXT NOT NULL, 
	set_aside TEXT, 
	chain BLOB NOT NULL, 
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
	grid_charging BOOLEAN, 
	export TEXT, 
	until TEXT, 
	"by" TEXT NOT NULL, 
	chain BLOB NOT NULL, 
	CONSTRAINT pk_hold PRIMARY KEY (site, id), 
	CONSTRAINT ck_hold_grid_charging CHECK (grid_charging IN (0, 1)), 
	CONSTRAINT ck_hold_mode CHECK ("mode" IN ('self_consumption', 'backup', 'autonomous')), 
	CONSTRAINT ck_hold_reserve CHECK (reserve BETWEEN 0 AND 100), 
	CONSTRAINT ck_hold_export CHECK ("export" IN ('never', 'pv_only', 'battery_ok')), 
	CONSTRAINT ck_hold_word CHECK ("word" IN ('hold', 'resume', 'release')), 
	CONSTRAINT fk_hold_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "hold" VALUES('home',1171,'2026-11-01T14:00:00.000000Z',1,'hold',NULL,70,NULL,NULL,'2026-11-01T17:00:00.000000Z','anna',X'FD2D65ACCC1A38ED5958B9DF7D2E89C973D3FA4D65D81A74B7B89CFAAE5641AC');
INSERT INTO "hold" VALUES('home',1359,'2026-11-01T17:00:00.000000Z',1,'resume',NULL,NULL,NULL,NULL,NULL,'the clock',X'C6C939EE8F762DF500070570B26282E112557F6C13670CFDCE0D110A2E8EFDFB');
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
INSERT INTO "input" VALUES('home',5,'2026-10-31T19:00:00.000000Z',1,'levers','{"export":[],"grid_charging":[],"modes":["self_consumption","backup","autonomous"],"reserve_ceiling":100,"together":["mode","reserve"],"unreadable":[]}');
INSERT INTO "input" VALUES('home',6,'2026-10-31T19:00:00.000000Z',1,'limits','{"export":"battery_ok","grid_charging":true,"reserve_floor":5}');
INSERT INTO "input" VALUES('home',254,'2026-10-31T23:00:05.000000Z',1,'flag storm','{"until":"2026-11-01T11:00:00+00:00"}');
CREATE TABLE intent (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	decision_id INTEGER, 
	previous_mode TEXT, 
	previous_reserve INTEGER, 
	previous_grid_charging BOOLEAN, 
	previous_export TEXT, 
	wanted_mode TEXT, 
	wanted_reserve INTEGER, 
	wanted_grid_charging BOOLEAN, 
	wanted_export TEXT, 
	cause TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	would BOOLEAN NOT NULL, 
	chain BLOB NOT NULL, 
	CONSTRAINT pk_intent PRIMARY KEY (site, id), 
	CONSTRAINT fk_intent_decision FOREIGN KEY(site, decision_id) REFERENCES decision (site, id), 
	CONSTRAINT ck_intent_previous_grid_charging CHECK (previous_grid_charging IN (0, 1)), 
	CONSTRAINT ck_intent_previous_mode CHECK ("previous_mode" IN ('self_consumption', 'backup', 'autonomous')), 
	CONSTRAINT ck_intent_previous_reserve CHECK (previous_reserve BETWEEN 0 AND 100), 
	CONSTRAINT ck_intent_previous_export CHECK ("previous_export" IN ('never', 'pv_only', 'battery_ok')), 
	CONSTRAINT ck_intent_wanted_grid_charging CHECK (wanted_grid_charging IN (0, 1)), 
	CONSTRAINT ck_intent_wanted_mode CHECK ("wanted_mode" IN ('self_consumption', 'backup', 'autonomous')), 
	CONSTRAINT ck_intent_wanted_reserve CHECK (wanted_reserve BETWEEN 0 AND 100), 
	CONSTRAINT ck_intent_wanted_export CHECK ("wanted_export" IN ('never', 'pv_only', 'battery_ok')), 
	CONSTRAINT ck_intent_would CHECK (would IN (0, 1)), 
	CONSTRAINT fk_intent_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "intent" VALUES('home',9,'2026-10-31T19:00:00.000000Z',1,8,'self_consumption',20,NULL,NULL,'self_consumption',50,NULL,NULL,'the gateway has another setting','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sat 31 Oct (jun..nov)',0,X'1CDEEE089392B670A5B5314E48DE3EC9959B09BDFD4B5123D91601B9C5AA13CA');
INSERT INTO "intent" VALUES('home',259,'2026-10-31T23:00:05.000000Z',1,258,'self_consumption',50,NULL,NULL,'backup',100,NULL,NULL,'state of the house','backup and reserve 100 % by "a storm is coming", charge to 100 %: flag set until Sun 01 Nov 06:00 ("storm" set)',0,X'7CF705BCA7FF1A0E5688E8849718E72092DD317C2A6CDDFE3720CA04AE4166E7');
INSERT INTO "intent" VALUES('home',985,'2026-11-01T11:00:00.000000Z',1,984,'backup',100,NULL,NULL,'self_consumption',50,NULL,NULL,'state of the house','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sun 01 Nov (jun..nov)',0,X'AD23F36868519ED886258DC2746F4A442FA5173AD3C86AF2E9F4EE5646F47F85');
INSERT INTO "intent" VALUES('home',1174,'2026-11-01T14:00:00.000000Z',1,1173,'self_consumption',50,NULL,NULL,'self_consumption',70,NULL,NULL,'the owner''s word','reserve 70 % by the owner''s word until 12:00; self_consumption by default',0,X'13223A1C7160D8674BC322E94381FD519AA061CB9E78112AF157369F91A0CD86');
INSERT INTO "intent" VALUES('home',1362,'2026-11-01T17:00:00.000000Z',1,1361,'self_consumption',70,NULL,NULL,'self_consumption',50,NULL,NULL,'time boundary','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sun 01 Nov (jun..nov)',0,X'D177C3DF1F81A93E92FB38602D99B74B9B07B98021DC76B98F4C0A0D0982D19B');
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
	text TEXT NOT NULL, 
	chain BLOB NOT NULL, 
	CONSTRAINT pk_note PRIMARY KEY (site, id), 
	CONSTRAINT fk_note_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "note" VALUES('home',4,'2026-10-31T19:00:00.000000Z',1,'zones_differ','the gateway is set to America/Los_Angeles, the rules to America/New_York: the rules'' zone is used',X'C8039763B7A0F292AAA39D30D3D511FB0AD8EADD8FA4422AE137F871F9666738');
INSERT INTO "note" VALUES('home',256,'2026-10-31T23:00:05.000000Z',1,'notification','A storm is coming. The battery fills up and stays full until the flag goes.',X'F9630E443F3F943FA4B7A91225D7D213369FCF171EAEA4B26EAABA6272B94FA7');
CREATE TABLE observation (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	tick_at TEXT NOT NULL, 
	soe FLOAT, 
	site_power FLOAT, 
	battery_power FLOAT, 
	load_power FLOAT, 
	solar_power FLOAT, 
	grid TEXT, 
	grid_services BOOLEAN, 
	mode TEXT, 
	reserve FLOAT, 
	grid_charging BOOLEAN, 
	export TEXT, 
	running BOOLEAN, 
	firmware TEXT, 
	earlier TEXT NOT NULL, 
	unknown_words TEXT, 
	CONSTRAINT pk_observation PRIMARY KEY (site, id), 
	CONSTRAINT fk_observation_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "observation" VALUES('home',7,'2026-10-31T19:00:00.000000Z',1,'2026-10-31T19:00:00.000000Z',60.0,0.0,-3119.87,769.9,3889.78,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{}',NULL);
INSERT INTO "observation" VALUES('home',13,'2026-10-31T19:00:05.000000Z',1,'2026-10-31T19:00:05.000000Z',6.00304503396361326377e+01,0.0,-3119.87,769.9,3889.78,'SystemGridConnected',0,'self_consumption',50.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-10-31T19:00:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',102,'2026-10-31T20:29:05.000000Z',1,'2026-10-31T20:29:05.000000Z',9.21461364024579694404e+01,0.0,-3052.48,728.43,3780.91,'SystemGridConnected',0,'self_consumption',50.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-10-31T20:15:05.000000Z","mode":"2026-10-31T20:28:05.000000Z","reserve":"2026-10-31T20:28:05.000000Z","running":"2026-10-31T20:28:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',257,'2026-10-31T23:00:05.000000Z',1,'2026-10-31T23:00:05.000000Z',100.0,-527.43,0.0,1315.23,1842.66,'SystemGridConnected',0,'self_consumption',50.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{}',NULL);
INSERT INTO "observation" VALUES('home',262,'2026-10-31T23:00:10.000000Z',1,'2026-10-31T23:00:10.000000Z',100.0,-527.43,0.0,1315.23,1842.66,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-10-31T23:00:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',293,'2026-10-31T23:30:10.000000Z',1,'2026-10-31T23:30:10.000000Z',100.0,631.8,0.0,1914.58,1282.77,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{}',NULL);
INSERT INTO "observation" VALUES('home',517,'2026-11-01T03:14:10.000000Z',1,'2026-11-01T03:14:10.000000Z',100.0,1311.77,0.0,1311.77,0.0,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T03:00:10.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',518,'2026-11-01T03:15:10.000000Z',1,'2026-11-01T03:15:10.000000Z',100.0,1309.16,0.0,1309.16,0.0,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"mode":"2026-11-01T03:14:10.000000Z","reserve":"2026-11-01T03:14:10.000000Z","running":"2026-11-01T03:14:10.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',983,'2026-11-01T11:00:00.000000Z',1,'2026-11-01T11:00:00.000000Z',100.0,394.6,0.0,394.6,0.0,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T10:46:00.000000Z","mode":"2026-11-01T10:59:00.000000Z","reserve":"2026-11-01T10:59:00.000000Z","running":"2026-11-01T10:59:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',986,'2026-11-01T11:00:00.000000Z',1,'2026-11-01T11:00:00.000000Z',100.0,394.6,0.0,394.6,0.0,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-11-01T11:00:00.000000Z","firmware":"2026-11-01T10:46:00.000000Z","grid":"2026-11-01T11:00:00.000000Z","grid_services":"2026-11-01T11:00:00.000000Z","load_power":"2026-11-01T11:00:00.000000Z","site_power":"2026-11-01T11:00:00.000000Z","soe":"2026-11-01T11:00:00.000000Z","solar_power":"2026-11-01T11:00:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',989,'2026-11-01T11:00:05.000000Z',1,'2026-11-01T11:00:05.000000Z',99.9957207780936,0.0,394.6,394.6,0.0,'SystemGridConnected',0,'self_consumption',50.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T10:46:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1021,'2026-11-01T11:32:05.000000Z',1,'2026-11-01T11:32:05.000000Z',9.83623318271706494932e+01,0.0,393.68,393.68,0.0,'SystemGridConnected',0,'self_consumption',50.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T11:31:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1022,'2026-11-01T11:33:05.000000Z',1,'2026-11-01T11:33:05.000000Z',9.83111963430694686411e+01,0.0,384.87,384.87,0.0,'SystemGridConnected',0,'self_consumption',50.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T11:31:05.000000Z","mode":"2026-11-01T11:32:05.000000Z","reserve":"2026-11-01T11:32:05.000000Z","running":"2026-11-01T11:32:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1040,'2026-11-01T11:50:05.000000Z',1,'2026-11-01T11:50:05.000000Z',9.74345086219651221846e+01,0.0,410.03,410.03,0.0,'SystemGridConnected',0,'self_consumption',50.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T11:46:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1159,'2026-11-01T13:49:05.000000Z',1,'2026-11-01T13:49:05.000000Z',8.99253940992469722424e+01,0.0,684.95,684.95,0.0,'SystemGridConnected',0,'self_consumption',50.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T13:46:05.000000Z","mode":"2026-11-01T13:48:05.000000Z","reserve":"2026-11-01T13:48:05.000000Z","running":"2026-11-01T13:48:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1172,'2026-11-01T14:00:00.000000Z',1,'2026-11-01T14:00:00.000000Z',8.89035101246935255403e+01,0.0,737.06,737.06,0.0,'SystemGridConnected',0,'self_consumption',50.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T13:46:05.000000Z","mode":"2026-11-01T13:58:05.000000Z","reserve":"2026-11-01T13:58:05.000000Z","running":"2026-11-01T13:58:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1175,'2026-11-01T14:00:00.000000Z',1,'2026-11-01T14:00:00.000000Z',8.89035101246935255403e+01,0.0,737.06,737.06,0.0,'SystemGridConnected',0,'self_consumption',50.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-11-01T14:00:00.000000Z","firmware":"2026-11-01T13:46:05.000000Z","grid":"2026-11-01T14:00:00.000000Z","grid_services":"2026-11-01T14:00:00.000000Z","load_power":"2026-11-01T14:00:00.000000Z","site_power":"2026-11-01T14:00:00.000000Z","soe":"2026-11-01T14:00:00.000000Z","solar_power":"2026-11-01T14:00:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1178,'2026-11-01T14:00:05.000000Z',1,'2026-11-01T14:00:05.000000Z',8.88955170381281192283e+01,0.0,737.06,737.06,0.0,'SystemGridConnected',0,'self_consumption',70.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T13:46:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1341,'2026-11-01T16:43:05.000000Z',1,'2026-11-01T16:43:05.000000Z',9.20818684355472925028e+01,0.0,-1780.76,672.57,2453.34,'SystemGridConnected',0,'self_consumption',70.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T16:31:05.000000Z","mode":"2026-11-01T16:42:05.000000Z","reserve":"2026-11-01T16:42:05.000000Z","running":"2026-11-01T16:42:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1360,'2026-11-01T17:00:00.000000Z',1,'2026-11-01T17:00:00.000000Z',9.58553168831065107759e+01,0.0,-1974.06,743.02,2717.08,'SystemGridConnected',0,'self_consumption',70.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T16:46:05.000000Z","mode":"2026-11-01T16:58:05.000000Z","reserve":"2026-11-01T16:58:05.000000Z","running":"2026-11-01T16:58:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1363,'2026-11-01T17:00:00.000000Z',1,'2026-11-01T17:00:00.000000Z',9.58553168831065107759e+01,0.0,-1974.06,743.02,2717.08,'SystemGridConnected',0,'self_consumption',70.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-11-01T17:00:00.000000Z","firmware":"2026-11-01T16:46:05.000000Z","grid":"2026-11-01T17:00:00.000000Z","grid_services":"2026-11-01T17:00:00.000000Z","load_power":"2026-11-01T17:00:00.000000Z","site_power":"2026-11-01T17:00:00.000000Z","soe":"2026-11-01T17:00:00.000000Z","solar_power":"2026-11-01T17:00:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1366,'2026-11-01T17:00:05.000000Z',1,'2026-11-01T17:00:05.000000Z',95.8745839183468,0.0,-1974.06,743.02,2717.08,'SystemGridConnected',0,'self_consumption',50.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T16:46:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1488,'2026-11-01T19:00:00.000000Z',1,'2026-11-01T19:00:00.000000Z',100.0,-3051.14,0.0,813.93,3865.07,'SystemGridConnected',0,'self_consumption',50.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T18:46:05.000000Z","mode":"2026-11-01T18:58:05.000000Z","reserve":"2026-11-01T18:58:05.000000Z","running":"2026-11-01T18:58:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1537,'2026-11-01T19:48:00.000000Z',1,'2026-11-01T19:48:00.000000Z',100.0,-2855.06,0.0,1057.64,3912.7,'SystemGridConnected',0,'self_consumption',50.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T19:47:00.000000Z","mode":"2026-11-01T19:47:00.000000Z","reserve":"2026-11-01T19:47:00.000000Z","running":"2026-11-01T19:47:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1538,'2026-11-01T19:49:00.000000Z',1,'2026-11-01T19:49:00.000000Z',100.0,-2801.41,0.0,1109.63,3911.04,'SystemGridConnected',0,'self_consumption',50.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T19:47:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1805,'2026-11-02T00:16:00.000000Z',1,'2026-11-02T00:16:00.000000Z',8.99749243340523179295e+01,0.0,1732.29,2124.08,391.79,'SystemGridConnected',0,'self_consumption',50.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-02T00:02:00.000000Z","mode":"2026-11-02T00:15:00.000000Z","reserve":"2026-11-02T00:15:00.000000Z","running":"2026-11-02T00:15:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1871,'2026-11-02T01:20:00.000000Z',1,'2026-11-02T01:20:00.000000Z',6.6611386149782262577e+01,0.0,2114.9,2114.9,0.0,'SystemGridConnected',0,'self_consumption',50.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-02T01:17:00.000000Z","mode":"2026-11-02T01:19:00.000000Z","reserve":"2026-11-02T01:19:00.000000Z","running":"2026-11-02T01:19:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2031,'2026-11-02T04:00:00.000000Z',1,'2026-11-02T04:00:00.000000Z',50.0,1638.12,0.0,1638.12,0.0,'SystemGridConnected',0,'self_consumption',50.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-02T03:47:00.000000Z","mode":"2026-11-02T03:59:00.000000Z","reserve":"2026-11-02T03:59:00.000000Z","running":"2026-11-02T03:59:00.000000Z"}',NULL);
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
	run_id INTEGER NOT NULL, 
	intent_id INTEGER NOT NULL, 
	outcome TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	chain BLOB NOT NULL, 
	CONSTRAINT pk_outcome PRIMARY KEY (site, id), 
	CONSTRAINT fk_outcome_intent FOREIGN KEY(site, intent_id) REFERENCES intent (site, id), 
	CONSTRAINT uq_outcome_site_intent_id UNIQUE (site, intent_id), 
	CONSTRAINT ck_outcome_outcome CHECK ("outcome" IN ('held', 'refused', 'mismatch', 'unreachable', 'superseded', 'would', 'unverified', 'recovered_applied', 'recovered_not_applied')), 
	CONSTRAINT fk_outcome_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "outcome" VALUES('home',12,'2026-10-31T19:00:05.000000Z',1,9,'held','read back after 5 s',X'51EB667BCAE4EA5A0F5585B9F61A2D70FB4EC321784B973B25737D4DF7AB4F10');
INSERT INTO "outcome" VALUES('home',261,'2026-10-31T23:00:10.000000Z',1,259,'held','read back after 5 s',X'4EB02E8DFF61C0D2861D1D17201FA4C11DF49321808161BCB3A4246A3F88C3AF');
INSERT INTO "outcome" VALUES('home',988,'2026-11-01T11:00:05.000000Z',1,985,'held','read back after 5 s',X'D55CD775BE77F98D742B62250D3923F8F4F4D3E8AC9AB99BEF1A639647937FBF');
INSERT INTO "outcome" VALUES('home',1177,'2026-11-01T14:00:05.000000Z',1,1174,'held','read back after 5 s',X'58737D46BE1B05B8923C55B4F4FE1434EC673C597A4154EC4FFB62439602285A');
INSERT INTO "outcome" VALUES('home',1365,'2026-11-01T17:00:05.000000Z',1,1362,'held','read back after 5 s',X'F7C966B69F778A3628C53F99ED33DB0DE945DF38909F208E9AEEA7A80E674207');
CREATE TABLE override (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	ours_mode TEXT, 
	ours_reserve INTEGER, 
	ours_grid_charging BOOLEAN, 
	ours_export TEXT, 
	found_mode TEXT, 
	found_reserve INTEGER, 
	found_grid_charging BOOLEAN, 
	found_export TEXT, 
	until TEXT NOT NULL, 
	"end" TEXT, 
	detail TEXT NOT NULL, 
	chain BLOB NOT NULL, 
	CONSTRAINT pk_override PRIMARY KEY (site, id), 
	CONSTRAINT ck_override_ours_grid_charging CHECK (ours_grid_charging IN (0, 1)), 
	CONSTRAINT ck_override_ours_mode CHECK ("ours_mode" IN ('self_consumption', 'backup', 'autonomous')), 
	CONSTRAINT ck_override_ours_reserve CHECK (ours_reserve BETWEEN 0 AND 100), 
	CONSTRAINT ck_override_ours_export CHECK ("ours_export" IN ('never', 'pv_only', 'battery_ok')), 
	CONSTRAINT ck_override_found_grid_charging CHECK (found_grid_charging IN (0, 1)), 
	CONSTRAINT ck_override_found_mode CHECK ("found_mode" IN ('self_consumption', 'backup', 'autonomous')), 
	CONSTRAINT ck_override_found_reserve CHECK (found_reserve BETWEEN 0 AND 100), 
	CONSTRAINT ck_override_found_export CHECK ("found_export" IN ('never', 'pv_only', 'battery_ok')), 
	CONSTRAINT ck_override_state CHECK ("state" IN ('began', 'ended')), 
	CONSTRAINT ck_override_end CHECK ("end" IN ('ran_out', 'set_back', 'storm_over', 'boundary', 'resumed', 'written_over', 'forgotten')), 
	CONSTRAINT fk_override_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
CREATE TABLE reload (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	rules_hash TEXT NOT NULL, 
	chain BLOB NOT NULL, 
	CONSTRAINT pk_reload PRIMARY KEY (site, id), 
	CONSTRAINT fk_reload_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "reload" VALUES('home',1487,'2026-11-01T19:00:00.000000Z',1,'66e0491fb8dac9be645cd4b56cccd4145177a6cbf19a1b9373cc67d805464b05',X'8A7BE2003F08EB361B776C2A12BA560BBD56EFB444D5A8B9C2BAB28CA89B5C31');
CREATE TABLE rule_files (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	rules_hash TEXT NOT NULL, 
	content TEXT NOT NULL, 
	chain BLOB NOT NULL, 
	CONSTRAINT pk_rule_files PRIMARY KEY (site, id), 
	CONSTRAINT uq_rule_files_site_rules_hash UNIQUE (site, rules_hash), 
	CONSTRAINT fk_rule_files_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "rule_files" VALUES('home',2,'2026-10-31T19:00:00.000000Z',1,'d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8','{"rules":[{"name":"home.toml","text":"#:schema ./rules.schema.json\n# A coast with a storm season. Half the battery is kept back for as long as the season lasts; when a\n# storm is announced, somebody (or something that reads the warnings) says so:\n#\n#     pwsched flag storm on --for 36h --config pwsched.toml\n#\n# and the battery fills up from sun and grid, and stays full until the flag expires or is taken back.\nlanguage = 1\ntimezone = \"America/New_York\"\n\n[default]\nmode    = \"self_consumption\"\nreserve = 20\n\n[[rule]]\nname  = \"storm season\"\nwhile = { months = \"jun..nov\" }\nset   = { reserve_at_least = 50 }        # of all that rules want, the largest counts\n\n[[rule]]\nname     = \"a storm is coming\"\npriority = 100\nwhile    = { flag = \"storm\" }\neven_if_overridden = true                # a change in the app does not stand against this\nset      = { battery = \"charge\", to = 100 }\n\n[[rule]]\nname    = \"say that the storm rules hold\"\nwhen    = { flag = \"storm\" }\ndo      = \"notify\"\nmessage = \"A storm is coming. The battery fills up and stays full until the flag goes.\"\n\n[[rule]]\nname    = \"say that the battery is not full\"\nwhen    = { flag = \"storm\", soe_below = 90 }\nfor     = \"6h\"\ndo      = \"notify\"\nmessage = \"A storm is coming, and after six hours the battery is still below 90 %.\"\n"}],"tariff":null}',X'BC74E1BE7A1DEC86CEC2518218A77187114B393C39B5EF654F27F1DC109D134F');
INSERT INTO "rule_files" VALUES('home',1486,'2026-11-01T19:00:00.000000Z',1,'66e0491fb8dac9be645cd4b56cccd4145177a6cbf19a1b9373cc67d805464b05','{"rules":[{"name":"home.toml","text":"#:schema ./rules.schema.json\n# A coast with a storm season. Half the battery is kept back for as long as the season lasts; when a\n# storm is announced, somebody (or something that reads the warnings) says so:\n#\n#     pwsched flag storm on --for 36h --config pwsched.toml\n#\n# and the battery fills up from sun and grid, and stays full until the flag expires or is taken back.\nlanguage = 1\ntimezone = \"America/New_York\"\n\n[default]\nmode    = \"self_consumption\"\nreserve = 20\n\n[[rule]]\nname  = \"storm season\"\nwhile = { months = \"jun..nov\" }\nset   = { reserve_at_least = 50 }        # of all that rules want, the largest counts\n\n[[rule]]\nname     = \"a storm is coming\"\npriority = 100\nwhile    = { flag = \"storm\" }\neven_if_overridden = true                # a change in the app does not stand against this\nset      = { battery = \"charge\", to = 100 }\n\n[[rule]]\nname    = \"say that the storm rules hold\"\nwhen    = { flag = \"storm\" }\ndo      = \"notify\"\nmessage = \"A storm is coming. The battery fills up and stays full until the flag goes.\"\n\n[[rule]]\nname    = \"say that the battery is not full\"\nwhen    = { flag = \"storm\", soe_below = 90 }\nfor     = \"6h\"\ndo      = \"notify\"\nmessage = \"A storm is coming, and after six hours the battery is still below 90 %.\"\n# other rules\n"}],"tariff":null}',X'AAA58A00BCFD46D1560B5F04714A512436803CE61514C73D8E2D90CB5CA8A07C');
CREATE TABLE run (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	version TEXT NOT NULL, 
	process TEXT NOT NULL, 
	dry_run BOOLEAN NOT NULL, 
	rules_hash TEXT NOT NULL, 
	chain BLOB NOT NULL, 
	CONSTRAINT pk_run PRIMARY KEY (site, id), 
	CONSTRAINT ck_run_dry_run CHECK (dry_run IN (0, 1))
)
 WITHOUT ROWID

;
INSERT INTO "run" VALUES('home',1,'2026-10-31T19:00:00.000000Z','1.2.0','boot:1',0,'d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8',X'5BF68D595B0B693F2D33B42951DB76313117DEDF5385163EFDE7DA6AED0A1BE2');
INSERT INTO "run" VALUES('other',1,'2026-07-01T12:00:00.000000Z','1.2.0','boot-1',0,'0123456789abcdef',X'FA15061C06DB73592BC6850E4A710E3C75C2DE63D6A5205CD396A77E8441A36F');
CREATE TABLE run_end (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	chain BLOB NOT NULL, 
	CONSTRAINT pk_run_end PRIMARY KEY (site, id), 
	CONSTRAINT uq_run_end_site_run_id UNIQUE (site, run_id), 
	CONSTRAINT fk_run_end_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "run_end" VALUES('home',2032,'2026-11-02T04:00:00.000000Z',1,'done',X'EDCD82CAA1200F7FEEA2C0210F7EE2D030049ECEF6B41791660782AFD69F473B');
CREATE TABLE seal (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	first INTEGER NOT NULL, 
	last INTEGER NOT NULL, 
	count INTEGER NOT NULL, 
	digest BLOB NOT NULL, 
	replaces INTEGER, 
	chain BLOB NOT NULL, 
	CONSTRAINT pk_seal PRIMARY KEY (site, id), 
	CONSTRAINT fk_seal_seal FOREIGN KEY(site, replaces) REFERENCES seal (site, id), 
	CONSTRAINT uq_seal_site_replaces UNIQUE (site, replaces)
)
 WITHOUT ROWID

;
INSERT INTO "seal" VALUES('home',1,'2026-11-04T04:00:00.000000Z',1,517,500,X'093BF1605473BC6024D37C21E5663680D09B4613CC0BD30EA404B0D3FC5B4820',NULL,X'438951BBFA485ECFB5C818051ED47A2DF2AEABC1F5AF0B555ECA7A853C780D09');
INSERT INTO "seal" VALUES('home',2,'2026-11-04T04:00:00.000000Z',518,1021,500,X'5DA746C0288FBD05E4673F8464D6C35E174B95298764FDE92AE37A5E98B9D862',NULL,X'C528EAB3439CA2728480D902BDE2D15D0CD3123BA461299483969A55024C6094');
INSERT INTO "seal" VALUES('home',3,'2026-11-04T04:00:00.000000Z',1022,1537,500,X'46D65CF09450E574D8EE933C7ACFBB4EA483303711A7413AE640FEABAF0503F0',NULL,X'997973ACCB22957590F647B9136FC5AB5FDAE6F00563A6E24D9E4567B5D681D5');
INSERT INTO "seal" VALUES('home',4,'2026-11-04T04:00:00.000000Z',1538,2032,492,X'EC00519CE94135E361D22CAC3E76BA22602BDE160F3E9D670FD8D106B165535F',NULL,X'7450C3F12198967B60D2625130770406FA5FD5F2F1BD717FC280A47D6A43C3AA');
INSERT INTO "seal" VALUES('home',5,'2026-12-05T04:00:00.000000Z',1,517,109,X'E517B5C523C8E19869388DD4015FF130D4C5BA77DCFAD9B831115FE628F13217',1,X'D364D55C97DCADBEE4676949688C1A76EB70D06928FE693C5D667153D425A6E6');
INSERT INTO "seal" VALUES('home',6,'2026-12-05T04:00:00.000000Z',518,1021,105,X'8FA3855ED68445EA816DB23468E0DF242020E8874370786E05DA697A8C472DC5',2,X'48A881299361595AAF8B7BC198760C9FCE468A2B5B184BBD57D0F2C0A6A92D68');
INSERT INTO "seal" VALUES('home',7,'2026-12-05T04:00:00.000000Z',1022,1537,112,X'B3DDBE82EAA28499F7BAD2DF4A631BF1EC96FBC990E317497966DF38F8BBE315',3,X'9B6001E2E002A72756AD1F5938626F7EF8F9A431D00DA5AC489F8BDD139CB146');
INSERT INTO "seal" VALUES('home',8,'2026-12-05T04:00:00.000000Z',1538,2032,104,X'952C558FE8C75C53EA243829348985B1C57360F9F973D7D99595F1D2DDD4F0A2',4,X'0EFAFDB8383B0EC93AA185F2471599BCF858132BED8F9B9C507C58D85C49BD7A');
CREATE TABLE sent (
	site TEXT NOT NULL, 
	id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	intent_id INTEGER NOT NULL, 
	chain BLOB NOT NULL, 
	CONSTRAINT pk_sent PRIMARY KEY (site, id), 
	CONSTRAINT fk_sent_intent FOREIGN KEY(site, intent_id) REFERENCES intent (site, id), 
	CONSTRAINT fk_sent_run FOREIGN KEY(site, run_id) REFERENCES run (site, id)
)
 WITHOUT ROWID

;
INSERT INTO "sent" VALUES('home',10,'2026-10-31T19:00:00.000000Z',1,9,X'25A21E18904FC145ABB58ACC05D910CD3D6ABDFC9029D3989ABDDA884AB5C7AC');
INSERT INTO "sent" VALUES('home',260,'2026-10-31T23:00:05.000000Z',1,259,X'9E63A333AEEBBF4480E66B2DB03E3712A2D5BF9071863AD02AEED35DEA9CD2B5');
INSERT INTO "sent" VALUES('home',987,'2026-11-01T11:00:00.000000Z',1,985,X'8C94BA2991923D033FE27A653CC51A9AA67F26FACA50F5C38D70E8482DA8C399');
INSERT INTO "sent" VALUES('home',1176,'2026-11-01T14:00:00.000000Z',1,1174,X'CAC3C8D20244286F2368314324703C17174E12807782F69C661D633F009FB557');
INSERT INTO "sent" VALUES('home',1364,'2026-11-01T17:00:00.000000Z',1,1362,X'373166C7466C9127791F1B747B3DD9EC635E6CCAFC423D9FF7BEA2D4EBD4679D');
CREATE TABLE unused (
	site TEXT NOT NULL, 
	first INTEGER NOT NULL, 
	last INTEGER NOT NULL, 
	CONSTRAINT pk_unused PRIMARY KEY (site, first)
)
 WITHOUT ROWID

;
CREATE INDEX ix_run_site_at ON run (site, at);
CREATE INDEX ix_run_end_site_at ON run_end (site, at);
CREATE INDEX ix_rule_files_site_at ON rule_files (site, at);
CREATE INDEX ix_reload_site_at ON reload (site, at);
CREATE INDEX ix_observation_site_at ON observation (site, at);
CREATE INDEX ix_input_site_at ON input (site, at);
CREATE INDEX ix_input_site_name_id ON input (site, name, id);
CREATE INDEX ix_mean_site_at ON mean (site, at);
CREATE INDEX ix_decision_site_at ON decision (site, at);
CREATE INDEX ix_override_site_at ON override (site, at);
CREATE INDEX ix_hold_site_at ON hold (site, at);
CREATE INDEX ix_intent_site_at ON intent (site, at);
CREATE INDEX ix_intent_site_would_id ON intent (site, would, id);
CREATE INDEX ix_sent_site_at ON sent (site, at);
CREATE INDEX ix_sent_site_intent_id ON sent (site, intent_id);
CREATE INDEX ix_outcome_site_at ON outcome (site, at);
CREATE INDEX ix_effect_site_at ON effect (site, at);
CREATE INDEX ix_effect_site_intent_id ON effect (site, intent_id);
CREATE INDEX ix_event_site_at ON event (site, at);
CREATE INDEX ix_firmware_check_site_at ON firmware_check (site, at);
CREATE INDEX ix_firmware_check_site_event_id ON firmware_check (site, event_id);
CREATE INDEX ix_capability_site_at ON capability (site, at);
CREATE INDEX ix_note_site_at ON note (site, at);
CREATE INDEX ix_note_site_kind_id ON note (site, kind, id);
CREATE INDEX ix_gap_site_at ON gap (site, at);
CREATE INDEX ix_seal_site_at ON seal (site, at);
COMMIT;
