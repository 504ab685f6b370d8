PRAGMA application_id = 1347900227;
PRAGMA user_version = 3;
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
INSERT INTO "capability" VALUES('home',3,'2026-10-31T19:00:00.000000Z',1,'1.49.0 f7d0c6a1','installer',NULL,1,NULL,'{"export":false,"grid_charging":false,"modes":["autonomous","backup","self_consumption"],"reserve_ceiling":100}','2026-10-22 13:00:00 +0800',X'9CD93F639971E1AD6672C912B44112FE5381FEBB89CA6DA6D404A19F86FD9735');
INSERT INTO "capability" VALUES('home',10,'2026-10-31T19:00:00.000000Z',1,'1.49.0 f7d0c6a1','installer',1,1,NULL,'{"export":false,"grid_charging":false,"modes":["autonomous","backup","self_consumption"],"reserve_ceiling":100}','2026-10-22 13:00:00 +0800',X'CC0F156B8E5546913EAFAB1FE8DDD4FBA65D75DC7051EC3DC6026E257F556752');
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
INSERT INTO "decision" VALUES('home',7,'2026-10-31T19:00:00.000000Z',1,'self_consumption',50,'{"mode":"default","reserve":"storm season"}','d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sat 31 Oct (jun..nov)','{"fired":{},"rules":{"a storm is coming":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":["when.soe_below"],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":true,"held":[],"holds":false,"since":"2026-10-31T19:00:00+00:00"}}}',X'54B9B56F515E3418BB8F4E1551D94922D025A051DC50C2F135756BF695985968');
INSERT INTO "decision" VALUES('home',102,'2026-10-31T20:29:05.000000Z',1,'self_consumption',50,'{"mode":"default","reserve":"storm season"}','d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sat 31 Oct (jun..nov)','{"fired":{},"rules":{"a storm is coming":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":[],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":true,"held":[],"holds":false,"since":"2026-10-31T19:00:00+00:00"}}}',X'1A167BB2C85EE12FA0C60576DACD0522CDDD17E116CF1032A1DEF309F6AB020A');
INSERT INTO "decision" VALUES('home',257,'2026-10-31T23:00:05.000000Z',1,'backup',100,'{"mode":"a storm is coming","reserve":"a storm is coming"}','d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8','backup and reserve 100 % by "a storm is coming", charge to 100 %: flag set until Sun 01 Nov 06:00 ("storm" set)','{"fired":{},"rules":{"a storm is coming":{"active":true,"captured":null,"held":[],"holds":true,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{"say that the storm rules hold":"2026-10-31T23:00:05+00:00"},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":[],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":true,"held":[],"holds":true,"since":"2026-10-31T23:00:05+00:00"}}}',X'99D608B85B1C65C97F1753A55D3413C52C7033147B5F53BCDF83DFAC693FEF5A');
INSERT INTO "decision" VALUES('home',983,'2026-11-01T11:00:00.000000Z',1,'self_consumption',50,'{"mode":"default","reserve":"storm season"}','d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sun 01 Nov (jun..nov)','{"fired":{},"rules":{"a storm is coming":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{"say that the storm rules hold":"2026-10-31T23:00:05+00:00"},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":[],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":false,"held":[],"holds":false,"since":"2026-11-01T11:00:00+00:00"}}}',X'D2B3F2847B673D87EE216D348DBB3C08B55302E513339AC59AD55491829F4712');
INSERT INTO "decision" VALUES('home',1159,'2026-11-01T13:49:05.000000Z',1,'self_consumption',50,'{"mode":"default","reserve":"storm season"}','d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sun 01 Nov (jun..nov)','{"fired":{},"rules":{"a storm is coming":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{"say that the storm rules hold":"2026-10-31T23:00:05+00:00"},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":["when.soe_below"],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":false,"held":[],"holds":false,"since":"2026-11-01T11:00:00+00:00"}}}',X'8DD0E9B96DC6B8AA3D4155AC467927397D87767EC0A28CA0B63EFA66F3091E38');
INSERT INTO "decision" VALUES('home',1172,'2026-11-01T14:00:00.000000Z',1,'self_consumption',70,'{"mode":"default","reserve":"owner"}','d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8','reserve 70 % by the owner''s word until 12:00; self_consumption by default','{"fired":{},"rules":{"a storm is coming":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{"say that the storm rules hold":"2026-10-31T23:00:05+00:00"},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":["when.soe_below"],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":false,"held":[],"holds":false,"since":"2026-11-01T11:00:00+00:00"}}}',X'9FA3F5E443292153C57E821360FB3F93CF2F489EE72EB36648C3E825D639DCC6');
INSERT INTO "decision" VALUES('home',1341,'2026-11-01T16:43:05.000000Z',1,'self_consumption',70,'{"mode":"default","reserve":"owner"}','d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8','reserve 70 % by the owner''s word until 12:00; self_consumption by default','{"fired":{},"rules":{"a storm is coming":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{"say that the storm rules hold":"2026-10-31T23:00:05+00:00"},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":[],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":false,"held":[],"holds":false,"since":"2026-11-01T11:00:00+00:00"}}}',X'345E197AA5B390806CE546E8D21C43B068C3241E7B22E20818E8AE1812D5F539');
INSERT INTO "decision" VALUES('home',1360,'2026-11-01T17:00:00.000000Z',1,'self_consumption',50,'{"mode":"default","reserve":"storm season"}','d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sun 01 Nov (jun..nov)','{"fired":{},"rules":{"a storm is coming":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{"say that the storm rules hold":"2026-10-31T23:00:05+00:00"},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":[],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":false,"held":[],"holds":false,"since":"2026-11-01T11:00:00+00:00"}}}',X'09EBD02F52FFE82EEA488C9E62827412EDF939B83C564C8E63A7269FD37F0F7A');
INSERT INTO "decision" VALUES('home',1488,'2026-11-01T19:00:00.000000Z',1,'self_consumption',50,'{"mode":"default","reserve":"storm season"}','66e0491fb8dac9be645cd4b56cccd4145177a6cbf19a1b9373cc67d805464b05','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sun 01 Nov (jun..nov)','{"fired":{},"rules":{"a storm is coming":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{"say that the storm rules hold":"2026-10-31T23:00:05+00:00"},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":[],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":false,"held":[],"holds":false,"since":"2026-11-01T11:00:00+00:00"}}}',X'FBF1C73A4E422C01EF2C7E3E217BB06534177DFA29C67783AEFFCA3BA0702969');
INSERT INTO "decision" VALUES('home',1805,'2026-11-02T00:16:00.000000Z',1,'self_consumption',50,'{"mode":"default","reserve":"storm season"}','66e0491fb8dac9be645cd4b56cccd4145177a6cbf19a1b9373cc67d805464b05','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sun 01 Nov (jun..nov)','{"fired":{},"rules":{"a storm is coming":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-10-31T19:00:00+00:00","since":"2026-10-31T19:00:00+00:00","unknown_since":null}},"settled":{"say that the storm rules hold":"2026-10-31T23:00:05+00:00"},"since":"2026-10-31T19:00:00+00:00","turns":{"say that the battery is not full":{"done":true,"held":["when.soe_below"],"holds":false,"since":"2026-10-31T19:00:00+00:00"},"say that the storm rules hold":{"done":false,"held":[],"holds":false,"since":"2026-11-01T11:00:00+00:00"}}}',X'CCA1906EE17C8D4E666D5C1BFA9486C7BF2305F17D2C1DDC5E655894DED35747');
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
INSERT INTO "effect" VALUES('home',291,'2026-10-31T23:30:10.000000Z',258,'confirmed','at SOE 100.0 % and 1915 W of load the battery rests, 632 W come from the grid',X'B7CB50A70F51962796730B5494D7D4CABE143CA1B326343C9489BC23FDBE93FE');
INSERT INTO "effect" VALUES('home',1038,'2026-11-01T11:50:05.000000Z',984,'confirmed','at SOE 97.4 % and 410 W of load the battery discharges 410 W',X'943742117287D3EF2CE5D0B1D369BF218FCEE70F9D0837B91556E9B423D60DF2');
INSERT INTO "effect" VALUES('home',1869,'2026-11-02T01:20:00.000000Z',1361,'confirmed','at SOE 66.6 % and 2115 W of load the battery discharges 2115 W',X'4C739BB46948EE4616D953F97309BF06884F5BC89305477429ABA4A0E1A96FBC');
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
INSERT INTO "event" VALUES('home',254,'2026-10-31T23:00:05.000000Z',1,'say that the storm rules hold','2026-10-31T23:00:05.000000Z','notify','fired',X'B3E0B495E9DD0A9D612C15E7C5EA600BF144138A1CCCDB60A65FAF2097C0E478');
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
INSERT INTO "hold" VALUES('home',1170,'2026-11-01T14:00:00.000000Z',1,'hold',NULL,70,'2026-11-01T17:00:00.000000Z','anna',X'CBA7391348C34F01F0EC7C7A60CE9B8EDDBEC6447AC72933691715E9F13A0F20');
INSERT INTO "hold" VALUES('home',1358,'2026-11-01T17:00:00.000000Z',1,'resume',NULL,NULL,NULL,'the clock',X'EC0229DC53FD4CA41E7DEAB8E38003C2B87B827C8C016D663564D2C2DF1B6880');
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
INSERT INTO "input" VALUES('home',5,'2026-10-31T19:00:00.000000Z',1,'levers','{"export":false,"grid_charging":false,"modes":["autonomous","backup","self_consumption"],"reserve_ceiling":100}');
INSERT INTO "input" VALUES('home',253,'2026-10-31T23:00:05.000000Z',1,'flag storm','{"until":"2026-11-01T11:00:00+00:00"}');
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
INSERT INTO "intent" VALUES('home',8,'2026-10-31T19:00:00.000000Z',1,7,'self_consumption',20,'self_consumption',50,'the gateway has another setting','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sat 31 Oct (jun..nov)',0,X'5988C2BE7AF304CC0FFCD5AF328B9050E7CF381031583408AA7A49070C2F6D85');
INSERT INTO "intent" VALUES('home',258,'2026-10-31T23:00:05.000000Z',1,257,'self_consumption',50,'backup',100,'state of the house','backup and reserve 100 % by "a storm is coming", charge to 100 %: flag set until Sun 01 Nov 06:00 ("storm" set)',0,X'2A3484B280839B4DC3133512750B1A95165D23E682CC3C20049EDCFD66B0908E');
INSERT INTO "intent" VALUES('home',984,'2026-11-01T11:00:00.000000Z',1,983,'backup',100,'self_consumption',50,'state of the house','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sun 01 Nov (jun..nov)',0,X'3D53D280AB41DDCA31826B0AE6C243F1210BB2FD3189DAD7E284B401B14AE834');
INSERT INTO "intent" VALUES('home',1173,'2026-11-01T14:00:00.000000Z',1,1172,'self_consumption',50,'self_consumption',70,'the owner''s word','reserve 70 % by the owner''s word until 12:00; self_consumption by default',0,X'F3678E976E96A4B660F2CEEE79B0EAE35F749963698DD0DAA4B5864AE926AFF3');
INSERT INTO "intent" VALUES('home',1361,'2026-11-01T17:00:00.000000Z',1,1360,'self_consumption',70,'self_consumption',50,'time boundary','self_consumption by default; reserve 50 % by "storm season", reserve at least 50 %: months Sun 01 Nov (jun..nov)',0,X'EC892C24F4A094FCD48DEA67888C0A9D2CEACB4792C80C6D98957AB98166005B');
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
INSERT INTO "intent_sent" VALUES('home',9,'2026-10-31T19:00:00.000000Z',8,X'A28BBA573B8D49EC5AFCC2F69ABAE34E1DEB4AA3D8AB3CAC35057DD83ACB331F');
INSERT INTO "intent_sent" VALUES('home',259,'2026-10-31T23:00:05.000000Z',258,X'1697953945EA1389631FB85B3C2618057098AE7DA2F101E90CED310E8648E3D3');
INSERT INTO "intent_sent" VALUES('home',985,'2026-11-01T11:00:00.000000Z',984,X'E85EF7BE36361C38288034D4FBF94C7CF4B186B43B93111D9A6BDC33B908630E');
INSERT INTO "intent_sent" VALUES('home',1174,'2026-11-01T14:00:00.000000Z',1173,X'831D83477C5DF91AC31DABEDA9284C296B53DF06251B1F145248A0873FE37BFB');
INSERT INTO "intent_sent" VALUES('home',1362,'2026-11-01T17:00:00.000000Z',1361,X'70C3FE99E53179A3F99125FDBE0308451F2E029B68BD12134A638E5D2F198246');
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
INSERT INTO "note" VALUES('home',4,'2026-10-31T19:00:00.000000Z',1,'zones_differ','the gateway is set to America/Los_Angeles, the rules to America/New_York: the rules'' zone is used',X'ADA8C270A674292B62052B7781A19C134055EA4349CA1A06B36DE6C81D68ACBE');
INSERT INTO "note" VALUES('home',255,'2026-10-31T23:00:05.000000Z',1,'notification','A storm is coming. The battery fills up and stays full until the flag goes.',X'59A1EFCB61721099339285019762308F47DAD9B22603EEC1DCA7EFECA83ED8D4');
INSERT INTO "note" VALUES('home',1486,'2026-11-01T19:00:00.000000Z',1,'reloaded','new rules are in force: 66e0491fb8da',X'303EE4A18540D271057AAA7FEECF95F1497D8D437E03D3D2310E759E160A3E0E');
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
INSERT INTO "observation" VALUES('home',6,'2026-10-31T19:00:00.000000Z',1,60.0,0.0,-3119.87,769.9,3889.78,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{}','2026-10-31T19:00:00.000000Z');
INSERT INTO "observation" VALUES('home',12,'2026-10-31T19:00:05.000000Z',1,6.00304503396361326377e+01,0.0,-3119.87,769.9,3889.78,'SystemGridConnected',0,'self_consumption',50.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-10-31T19:00:00.000000Z"}','2026-10-31T19:00:05.000000Z');
INSERT INTO "observation" VALUES('home',101,'2026-10-31T20:29:05.000000Z',1,9.21461364024579694404e+01,0.0,-3052.48,728.43,3780.91,'SystemGridConnected',0,'self_consumption',50.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-10-31T20:15:05.000000Z","mode":"2026-10-31T20:28:05.000000Z","reserve":"2026-10-31T20:28:05.000000Z","running":"2026-10-31T20:28:05.000000Z"}','2026-10-31T20:29:05.000000Z');
INSERT INTO "observation" VALUES('home',256,'2026-10-31T23:00:05.000000Z',1,100.0,-527.43,0.0,1315.23,1842.66,'SystemGridConnected',0,'self_consumption',50.0,1,'1.49.0 f7d0c6a1','{}','2026-10-31T23:00:05.000000Z');
INSERT INTO "observation" VALUES('home',261,'2026-10-31T23:00:10.000000Z',1,100.0,-527.43,0.0,1315.23,1842.66,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-10-31T23:00:05.000000Z"}','2026-10-31T23:00:10.000000Z');
INSERT INTO "observation" VALUES('home',292,'2026-10-31T23:30:10.000000Z',1,100.0,631.8,0.0,1914.58,1282.77,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{}','2026-10-31T23:30:10.000000Z');
INSERT INTO "observation" VALUES('home',517,'2026-11-01T03:15:10.000000Z',1,100.0,1309.16,0.0,1309.16,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"mode":"2026-11-01T03:14:10.000000Z","reserve":"2026-11-01T03:14:10.000000Z","running":"2026-11-01T03:14:10.000000Z"}','2026-11-01T03:15:10.000000Z');
INSERT INTO "observation" VALUES('home',518,'2026-11-01T03:16:10.000000Z',1,100.0,1749.67,0.0,1749.67,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T03:15:10.000000Z"}','2026-11-01T03:16:10.000000Z');
INSERT INTO "observation" VALUES('home',982,'2026-11-01T11:00:00.000000Z',1,100.0,394.6,0.0,394.6,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T10:46:00.000000Z","mode":"2026-11-01T10:59:00.000000Z","reserve":"2026-11-01T10:59:00.000000Z","running":"2026-11-01T10:59:00.000000Z"}','2026-11-01T11:00:00.000000Z');
INSERT INTO "observation" VALUES('home',986,'2026-11-01T11:00:00.000000Z',1,100.0,394.6,0.0,394.6,0.0,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-11-01T11:00:00.000000Z","firmware":"2026-11-01T10:46:00.000000Z","grid":"2026-11-01T11:00:00.000000Z","grid_services":"2026-11-01T11:00:00.000000Z","load_power":"2026-11-01T11:00:00.000000Z","site_power":"2026-11-01T11:00:00.000000Z","soe":"2026-11-01T11:00:00.000000Z","solar_power":"2026-11-01T11:00:00.000000Z"}','2026-11-01T11:00:00.000000Z');
INSERT INTO "observation" VALUES('home',988,'2026-11-01T11:00:05.000000Z',1,99.9957207780936,0.0,394.6,394.6,0.0,'SystemGridConnected',0,'self_consumption',50.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T10:46:00.000000Z"}','2026-11-01T11:00:05.000000Z');
INSERT INTO "observation" VALUES('home',1021,'2026-11-01T11:33:05.000000Z',1,9.83111963430694686411e+01,0.0,384.87,384.87,0.0,'SystemGridConnected',0,'self_consumption',50.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T11:31:05.000000Z","mode":"2026-11-01T11:32:05.000000Z","reserve":"2026-11-01T11:32:05.000000Z","running":"2026-11-01T11:32:05.000000Z"}','2026-11-01T11:33:05.000000Z');
INSERT INTO "observation" VALUES('home',1022,'2026-11-01T11:34:05.000000Z',1,9.8260975637957969301e+01,0.0,397.39,397.39,0.0,'SystemGridConnected',0,'self_consumption',50.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T11:31:05.000000Z"}','2026-11-01T11:34:05.000000Z');
INSERT INTO "observation" VALUES('home',1039,'2026-11-01T11:50:05.000000Z',1,9.74345086219651221846e+01,0.0,410.03,410.03,0.0,'SystemGridConnected',0,'self_consumption',50.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T11:46:05.000000Z"}','2026-11-01T11:50:05.000000Z');
INSERT INTO "observation" VALUES('home',1158,'2026-11-01T13:49:05.000000Z',1,8.99253940992469722424e+01,0.0,684.95,684.95,0.0,'SystemGridConnected',0,'self_consumption',50.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T13:46:05.000000Z","mode":"2026-11-01T13:48:05.000000Z","reserve":"2026-11-01T13:48:05.000000Z","running":"2026-11-01T13:48:05.000000Z"}','2026-11-01T13:49:05.000000Z');
INSERT INTO "observation" VALUES('home',1171,'2026-11-01T14:00:00.000000Z',1,8.89035101246935255403e+01,0.0,737.06,737.06,0.0,'SystemGridConnected',0,'self_consumption',50.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T13:46:05.000000Z","mode":"2026-11-01T13:58:05.000000Z","reserve":"2026-11-01T13:58:05.000000Z","running":"2026-11-01T13:58:05.000000Z"}','2026-11-01T14:00:00.000000Z');
INSERT INTO "observation" VALUES('home',1175,'2026-11-01T14:00:00.000000Z',1,8.89035101246935255403e+01,0.0,737.06,737.06,0.0,'SystemGridConnected',0,'self_consumption',50.0,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-11-01T14:00:00.000000Z","firmware":"2026-11-01T13:46:05.000000Z","grid":"2026-11-01T14:00:00.000000Z","grid_services":"2026-11-01T14:00:00.000000Z","load_power":"2026-11-01T14:00:00.000000Z","site_power":"2026-11-01T14:00:00.000000Z","soe":"2026-11-01T14:00:00.000000Z","solar_power":"2026-11-01T14:00:00.000000Z"}','2026-11-01T14:00:00.000000Z');
INSERT INTO "observation" VALUES('home',1177,'2026-11-01T14:00:05.000000Z',1,8.88955170381281192283e+01,0.0,737.06,737.06,0.0,'SystemGridConnected',0,'self_consumption',70.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T13:46:05.000000Z"}','2026-11-01T14:00:05.000000Z');
INSERT INTO "observation" VALUES('home',1340,'2026-11-01T16:43:05.000000Z',1,9.20818684355472925028e+01,0.0,-1780.76,672.57,2453.34,'SystemGridConnected',0,'self_consumption',70.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T16:31:05.000000Z","mode":"2026-11-01T16:42:05.000000Z","reserve":"2026-11-01T16:42:05.000000Z","running":"2026-11-01T16:42:05.000000Z"}','2026-11-01T16:43:05.000000Z');
INSERT INTO "observation" VALUES('home',1359,'2026-11-01T17:00:00.000000Z',1,9.58553168831065107759e+01,0.0,-1974.06,743.02,2717.08,'SystemGridConnected',0,'self_consumption',70.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T16:46:05.000000Z","mode":"2026-11-01T16:58:05.000000Z","reserve":"2026-11-01T16:58:05.000000Z","running":"2026-11-01T16:58:05.000000Z"}','2026-11-01T17:00:00.000000Z');
INSERT INTO "observation" VALUES('home',1363,'2026-11-01T17:00:00.000000Z',1,9.58553168831065107759e+01,0.0,-1974.06,743.02,2717.08,'SystemGridConnected',0,'self_consumption',70.0,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-11-01T17:00:00.000000Z","firmware":"2026-11-01T16:46:05.000000Z","grid":"2026-11-01T17:00:00.000000Z","grid_services":"2026-11-01T17:00:00.000000Z","load_power":"2026-11-01T17:00:00.000000Z","site_power":"2026-11-01T17:00:00.000000Z","soe":"2026-11-01T17:00:00.000000Z","solar_power":"2026-11-01T17:00:00.000000Z"}','2026-11-01T17:00:00.000000Z');
INSERT INTO "observation" VALUES('home',1365,'2026-11-01T17:00:05.000000Z',1,95.8745839183468,0.0,-1974.06,743.02,2717.08,'SystemGridConnected',0,'self_consumption',50.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T16:46:05.000000Z"}','2026-11-01T17:00:05.000000Z');
INSERT INTO "observation" VALUES('home',1487,'2026-11-01T19:00:00.000000Z',1,100.0,-3051.14,0.0,813.93,3865.07,'SystemGridConnected',0,'self_consumption',50.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T18:46:05.000000Z","mode":"2026-11-01T18:58:05.000000Z","reserve":"2026-11-01T18:58:05.000000Z","running":"2026-11-01T18:58:05.000000Z"}','2026-11-01T19:00:00.000000Z');
INSERT INTO "observation" VALUES('home',1537,'2026-11-01T19:49:00.000000Z',1,100.0,-2801.41,0.0,1109.63,3911.04,'SystemGridConnected',0,'self_consumption',50.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T19:47:00.000000Z"}','2026-11-01T19:49:00.000000Z');
INSERT INTO "observation" VALUES('home',1538,'2026-11-01T19:50:00.000000Z',1,100.0,-2813.5,0.0,1095.77,3909.27,'SystemGridConnected',0,'self_consumption',50.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-01T19:47:00.000000Z","mode":"2026-11-01T19:49:00.000000Z","reserve":"2026-11-01T19:49:00.000000Z","running":"2026-11-01T19:49:00.000000Z"}','2026-11-01T19:50:00.000000Z');
INSERT INTO "observation" VALUES('home',1804,'2026-11-02T00:16:00.000000Z',1,8.99749243340523179295e+01,0.0,1732.29,2124.08,391.79,'SystemGridConnected',0,'self_consumption',50.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-02T00:02:00.000000Z","mode":"2026-11-02T00:15:00.000000Z","reserve":"2026-11-02T00:15:00.000000Z","running":"2026-11-02T00:15:00.000000Z"}','2026-11-02T00:16:00.000000Z');
INSERT INTO "observation" VALUES('home',1870,'2026-11-02T01:20:00.000000Z',1,6.6611386149782262577e+01,0.0,2114.9,2114.9,0.0,'SystemGridConnected',0,'self_consumption',50.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-02T01:17:00.000000Z","mode":"2026-11-02T01:19:00.000000Z","reserve":"2026-11-02T01:19:00.000000Z","running":"2026-11-02T01:19:00.000000Z"}','2026-11-02T01:20:00.000000Z');
INSERT INTO "observation" VALUES('home',2030,'2026-11-02T04:00:00.000000Z',1,50.0,1638.12,0.0,1638.12,0.0,'SystemGridConnected',0,'self_consumption',50.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-11-02T03:47:00.000000Z","mode":"2026-11-02T03:59:00.000000Z","reserve":"2026-11-02T03:59:00.000000Z","running":"2026-11-02T03:59:00.000000Z"}','2026-11-02T04:00:00.000000Z');
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
INSERT INTO "outcome" VALUES('home',11,'2026-10-31T19:00:05.000000Z',8,'held','read back after 5 s',X'C16E0BDB232F99E4327DDD7B9F5B91215EEF451E39E7F2564639EAC7D16B1919');
INSERT INTO "outcome" VALUES('home',260,'2026-10-31T23:00:10.000000Z',258,'held','read back after 5 s',X'C33FE09BE8B9E9E332375DE87B764B8283919371E110694636497D97D36867F6');
INSERT INTO "outcome" VALUES('home',987,'2026-11-01T11:00:05.000000Z',984,'held','read back after 5 s',X'302F1CCCAD1CA0677AD0B9FAA1DDF66CFF5FF1FA7FA397AB9BC52D20CF45B834');
INSERT INTO "outcome" VALUES('home',1176,'2026-11-01T14:00:05.000000Z',1173,'held','read back after 5 s',X'0F507DA830F2E1C8BA917D7306560EDD36B926FD29D587605A569C9BA31613C9');
INSERT INTO "outcome" VALUES('home',1364,'2026-11-01T17:00:05.000000Z',1361,'held','read back after 5 s',X'6A7845A227B66E42AB97155F7705EB8E3A30F02AB176361DB61240CB00C13436');
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
INSERT INTO "rule_files" VALUES('home',2,'2026-10-31T19:00:00.000000Z',1,'d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8','{"rules":[{"name":"home.toml","text":"#:schema ./rules.schema.json\n# A coast with a storm season. Half the battery is kept back for as long as the season lasts; when a\n# storm is announced, somebody (or something that reads the warnings) says so:\n#\n#     pwsched flag storm on --for 36h --config pwsched.toml\n#\n# and the battery fills up from sun and grid, and stays full until the flag expires or is taken back.\nlanguage = 1\ntimezone = \"America/New_York\"\n\n[default]\nmode    = \"self_consumption\"\nreserve = 20\n\n[[rule]]\nname  = \"storm season\"\nwhile = { months = \"jun..nov\" }\nset   = { reserve_at_least = 50 }        # of all that rules want, the largest counts\n\n[[rule]]\nname     = \"a storm is coming\"\npriority = 100\nwhile    = { flag = \"storm\" }\neven_if_overridden = true                # a change in the app does not stand against this\nset      = { battery = \"charge\", to = 100 }\n\n[[rule]]\nname    = \"say that the storm rules hold\"\nwhen    = { flag = \"storm\" }\ndo      = \"notify\"\nmessage = \"A storm is coming. The battery fills up and stays full until the flag goes.\"\n\n[[rule]]\nname    = \"say that the battery is not full\"\nwhen    = { flag = \"storm\", soe_below = 90 }\nfor     = \"6h\"\ndo      = \"notify\"\nmessage = \"A storm is coming, and after six hours the battery is still below 90 %.\"\n"}],"tariff":null}',X'BC74E1BE7A1DEC86CEC2518218A77187114B393C39B5EF654F27F1DC109D134F');
INSERT INTO "rule_files" VALUES('home',1485,'2026-11-01T19:00:00.000000Z',1,'66e0491fb8dac9be645cd4b56cccd4145177a6cbf19a1b9373cc67d805464b05','{"rules":[{"name":"home.toml","text":"#:schema ./rules.schema.json\n# A coast with a storm season. Half the battery is kept back for as long as the season lasts; when a\n# storm is announced, somebody (or something that reads the warnings) says so:\n#\n#     pwsched flag storm on --for 36h --config pwsched.toml\n#\n# and the battery fills up from sun and grid, and stays full until the flag expires or is taken back.\nlanguage = 1\ntimezone = \"America/New_York\"\n\n[default]\nmode    = \"self_consumption\"\nreserve = 20\n\n[[rule]]\nname  = \"storm season\"\nwhile = { months = \"jun..nov\" }\nset   = { reserve_at_least = 50 }        # of all that rules want, the largest counts\n\n[[rule]]\nname     = \"a storm is coming\"\npriority = 100\nwhile    = { flag = \"storm\" }\neven_if_overridden = true                # a change in the app does not stand against this\nset      = { battery = \"charge\", to = 100 }\n\n[[rule]]\nname    = \"say that the storm rules hold\"\nwhen    = { flag = \"storm\" }\ndo      = \"notify\"\nmessage = \"A storm is coming. The battery fills up and stays full until the flag goes.\"\n\n[[rule]]\nname    = \"say that the battery is not full\"\nwhen    = { flag = \"storm\", soe_below = 90 }\nfor     = \"6h\"\ndo      = \"notify\"\nmessage = \"A storm is coming, and after six hours the battery is still below 90 %.\"\n# other rules\n"}],"tariff":null}',X'AD7E16CAD43B895716EDA772C5B79C9236938F7998B1C8FCF68214B262E8EF30');
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
INSERT INTO "run" VALUES('home',1,'2026-10-31T19:00:00.000000Z','1.2.0','boot:1',0,'d05ecb89c582bc56b15222c54690463bb779077f5f41cfb7216183fdd02b12c8',X'5BF68D595B0B693F2D33B42951DB76313117DEDF5385163EFDE7DA6AED0A1BE2');
INSERT INTO "run" VALUES('other',2032,'2026-07-01T12:00:00.000000Z','1.2.0','boot-1',0,'0123456789abcdef',X'9DFA1A40EFE976DAE95BF03AF510ECA92BB7CCA26EF0E4C59A6004A4165024F4');
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
INSERT INTO "run_end" VALUES('home',2031,'2026-11-02T04:00:00.000000Z',1,'done',X'521ACC2A2ED2E5AAFE08A13EFD49D7277A5A5964B2592B007A7324D10A817E96');
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
INSERT INTO "seal" VALUES('home',2033,'2026-11-04T04:00:00.000000Z',1,517,500,X'51FB5A89B84CB75AF782600C3EFEEB707634937F688B067F5189D1C06D1BA6D3',NULL,X'BD3C7614D8EBD80839F24C8137A5F065B727F54E9137740CF9A92586A5C39121');
INSERT INTO "seal" VALUES('home',2034,'2026-11-04T04:00:00.000000Z',518,1021,500,X'D5E935E08880E665C0B9C1AC9A5EC58763E2D58882C75C5C2E9F5F3DF7C980AD',NULL,X'67767050812248676FACFBE5A956FED22C22861623577EC91BD90992D32971EB');
INSERT INTO "seal" VALUES('home',2035,'2026-11-04T04:00:00.000000Z',1022,1537,500,X'E5DBECD28C40F5894E8030D640D9D9F9B4BB076E282629C95A1F3DDB13E409ED',NULL,X'FB8461B496CC3594F372F95D4596AB24C78ABD3013A10C7698C50AA468C4EE77');
INSERT INTO "seal" VALUES('home',2036,'2026-11-04T04:00:00.000000Z',1538,2035,491,X'0E3EFCD774F33FAAEA8235A8D51D0292830584BF0DD0DACDB025B6CAFED6CE52',NULL,X'91747E29804E31BB94DD128934EE32C735182E4771180DD560BA4B6ECDB5BDE3');
INSERT INTO "seal" VALUES('home',2037,'2026-12-05T04:00:00.000000Z',1,517,109,X'3BD3B4A4B434411A8CF7F8DD8D9E57D6299317C09ED27D9A335C37890103E625',2033,X'7F1B331FEDBDA6175B47D10F58230F2EE531FEA17D6D5D3D5014C13F5D1D3F76');
INSERT INTO "seal" VALUES('home',2038,'2026-12-05T04:00:00.000000Z',518,1021,105,X'62499DB5A971BD34BE99B1C65E37B30539218A0285038FB09234BFA6DADB21F4',2034,X'31F4A1B5F4426F7AB1C30710867530BB0B419B1D5115B24B7D05A36B8DC8435F');
INSERT INTO "seal" VALUES('home',2039,'2026-12-05T04:00:00.000000Z',1022,1537,112,X'638F34023FC25B20CB7B2DDD51270FE4C6AAC274F260629D8770A63F1F44DFA0',2035,X'206C2DD91BEF0D7EA258A4691412264F99687159564FF3DCD61A9EF0ECCB3DEA');
INSERT INTO "seal" VALUES('home',2040,'2026-12-05T04:00:00.000000Z',1538,2035,103,X'8C95854750A5A365E6D78815000740BE41CE7283141AD8E939923CBDCB39F159',2036,X'9088D9A9DE1ABA923DC7B640B456196309B2DD5D4D0E311152F982337380C9D5');
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
