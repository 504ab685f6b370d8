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
INSERT INTO "capability" VALUES('home',3,'2026-07-14T07:00:00.000000Z',1,'1.49.0 f7d0c6a1','installer',NULL,1,NULL,'{"export":false,"grid_charging":false,"modes":["autonomous","backup","self_consumption"],"reserve_ceiling":100}','2026-07-05 01:00:00 +0800',X'C8DFFE804805DFAA962527E9F26922A3E380891A9324E4D9157903384D6A796B');
INSERT INTO "capability" VALUES('home',9,'2026-07-14T07:00:00.000000Z',1,'1.49.0 f7d0c6a1','installer',1,1,NULL,'{"export":false,"grid_charging":false,"modes":["autonomous","backup","self_consumption"],"reserve_ceiling":100}','2026-07-05 01:00:00 +0800',X'58C36E61E1B456EC13CF61B440CA4431FF4D2BBB694D8C56DF96E158684C9639');
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
INSERT INTO "decision" VALUES('home',6,'2026-07-14T07:00:00.000000Z',1,'self_consumption',20,'{"mode":"default","reserve":"default"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 20 % by default','{"fired":{},"rules":{"keep the rest of a low battery for the night":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-07-14T07:00:00+00:00","since":"2026-07-14T07:00:00+00:00","unknown_since":null}},"settled":{},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'A01FFCB326A021B241FE5494926FAF64C307A9DCE3DCC5F7B4F7371B2C22161E');
INSERT INTO "decision" VALUES('home',284,'2026-07-14T11:32:05.000000Z',1,'self_consumption',29,'{"mode":"keep the rest of a low battery for the night","reserve":"keep the rest of a low battery for the night"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 29 % by "keep the rest of a low battery for the night", hold the battery: time Tue 04:32 (21:00-06:00), soe_below 30.0 % (below 30 %)','{"fired":{},"rules":{"keep the rest of a low battery for the night":{"active":true,"captured":29,"held":["while.soe_below"],"holds":true,"holds_since":"2026-07-14T11:32:05+00:00","since":"2026-07-14T07:00:00+00:00","unknown_since":null}},"settled":{},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'7C93B0C3855A8073D5C19D8C48BB727F94A8FFA49D6AE314A91A9CBDBCCCE168');
INSERT INTO "decision" VALUES('home',377,'2026-07-14T13:00:00.000000Z',1,'self_consumption',20,'{"mode":"default","reserve":"default"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 20 % by default','{"fired":{},"rules":{},"settled":{},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'C79DA8C575272DB7DEEF53411660A40ED76A16FBD300ACC9648813F3BA16D529');
INSERT INTO "decision" VALUES('home',744,'2026-07-14T19:00:00.000000Z',1,'backup',60,'{"mode":"half full by two","reserve":"half full by two"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','backup and reserve 60 % by "half full by two", charge to 60 %: time Tue 12:00 (12:00-14:00)','{"fired":{},"rules":{"half full by two":{"active":true,"captured":null,"held":[],"holds":true,"holds_since":"2026-07-14T19:00:00+00:00","since":"2026-07-14T19:00:00+00:00","unknown_since":null}},"settled":{},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'2A88C9171082F64BF4CD47ABB1B70FFF00A072BF2CB2833D72512D5DD7647499');
INSERT INTO "decision" VALUES('home',825,'2026-07-14T20:14:05.000000Z',1,'self_consumption',60,'{"mode":"half full by two","reserve":"half full by two"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 60 % by "half full by two", charge to 60 %: time Tue 13:14 (12:00-14:00)','{"fired":{},"rules":{"half full by two":{"active":true,"captured":60,"held":[],"holds":true,"holds_since":"2026-07-14T19:00:00+00:00","since":"2026-07-14T19:00:00+00:00","unknown_since":null}},"settled":{},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'EEE84205689609DC1D5347381A4E2F2EAB1F502BD78B82AC25A7CF92B9326B90');
INSERT INTO "decision" VALUES('home',877,'2026-07-14T21:00:00.000000Z',1,'backup',100,'{"mode":"full before the peak","reserve":"full before the peak"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','backup and reserve 100 % by "full before the peak", charge to 100 %: time Tue 14:00 (14:00-15:55)','{"fired":{},"rules":{},"settled":{},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'F01D814EB72DDDF3EDB3D46606A3B3481B13000AB7993BBDE1E918BF4D81911E');
INSERT INTO "decision" VALUES('home',945,'2026-07-14T22:00:00.000000Z',1,'backup',100,'{"mode":"full before the peak","reserve":"full before the peak"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','backup and reserve 100 % by "full before the peak", charge to 100 %: time Tue 15:00 (14:00-15:55)','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-14T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'81358CB2A0C529526769AAD272D4BA39C8DD4BB20ED01073A982217FDBAF6767');
INSERT INTO "decision" VALUES('home',1005,'2026-07-14T22:55:00.000000Z',1,'self_consumption',20,'{"mode":"default","reserve":"default"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 20 % by default','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-14T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'F27E978676202D59CDE1B9DA888A316B2C2EA468ECF336DD684C32EE4D62946E');
INSERT INTO "decision" VALUES('home',1317,'2026-07-15T04:00:00.000000Z',1,'self_consumption',20,'{"mode":"keep the rest of a low battery for the night","reserve":"keep the rest of a low battery for the night"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 20 % by "keep the rest of a low battery for the night", hold the battery: time Tue 21:00 (21:00-06:00), soe_below 20.0 % (below 30 %)','{"fired":{},"rules":{"keep the rest of a low battery for the night":{"active":true,"captured":20,"held":["while.soe_below"],"holds":true,"holds_since":"2026-07-15T04:00:00+00:00","since":"2026-07-15T04:00:00+00:00","unknown_since":null}},"settled":{"firmware before the peak":"2026-07-14T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'D2AD93C2DD7B2083C6B34A425E472BF10165CB5394F745F3959FFCBF23008A99');
INSERT INTO "decision" VALUES('home',1858,'2026-07-15T13:00:00.000000Z',1,'self_consumption',20,'{"mode":"default","reserve":"default"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 20 % by default','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-14T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'6CB00BBF7F02A1E2ED30C8886C38F3E10EA20B992EBEB697A2C1A24BF9EFBEA4');
INSERT INTO "decision" VALUES('home',2221,'2026-07-15T19:00:00.000000Z',2039,'backup',60,'{"mode":"half full by two","reserve":"half full by two"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','backup and reserve 60 % by "half full by two", charge to 60 %: time Wed 12:00 (12:00-14:00)','{"fired":{},"rules":{"half full by two":{"active":true,"captured":null,"held":[],"holds":true,"holds_since":"2026-07-15T19:00:00+00:00","since":"2026-07-15T19:00:00+00:00","unknown_since":null}},"settled":{"firmware before the peak":"2026-07-14T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'D75333AD2EC0CD9324FF3341CCEE97A132B4E10B35242A4F26E7C596098FFA56');
INSERT INTO "decision" VALUES('home',2248,'2026-07-15T19:22:05.000000Z',2039,'self_consumption',60,'{"mode":"half full by two","reserve":"half full by two"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 60 % by "half full by two", charge to 60 %: time Wed 12:22 (12:00-14:00)','{"fired":{},"rules":{"half full by two":{"active":true,"captured":60,"held":[],"holds":true,"holds_since":"2026-07-15T19:00:00+00:00","since":"2026-07-15T19:00:00+00:00","unknown_since":null}},"settled":{"firmware before the peak":"2026-07-14T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'18BB1F15CC91EA73B3392953C3589D50CFB25835554214DCE6A366F8367E1957');
INSERT INTO "decision" VALUES('home',2352,'2026-07-15T21:00:00.000000Z',2039,'backup',100,'{"mode":"full before the peak","reserve":"full before the peak"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','backup and reserve 100 % by "full before the peak", charge to 100 %: time Wed 14:00 (14:00-15:55)','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-14T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'7D47D54B4291AAF1D8041B1DD3A20491B57A3B9CD22B752DCAC25B752DC4CD36');
INSERT INTO "decision" VALUES('home',2420,'2026-07-15T22:00:00.000000Z',2039,'backup',100,'{"mode":"full before the peak","reserve":"full before the peak"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','backup and reserve 100 % by "full before the peak", charge to 100 %: time Wed 15:00 (14:00-15:55)','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-15T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'811E5AEFA5F1108C21416E52C40CC61E7787380AE0EF12A9A36950EDF4708245');
INSERT INTO "decision" VALUES('home',2480,'2026-07-15T22:55:00.000000Z',2039,'self_consumption',20,'{"mode":"default","reserve":"default"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 20 % by default','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-15T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'D07712AEE64C93EF106CF1F147045699785D0856CD3B0266F390BEC4C869CE4C');
INSERT INTO "decision" VALUES('home',2792,'2026-07-16T04:00:00.000000Z',2039,'self_consumption',20,'{"mode":"keep the rest of a low battery for the night","reserve":"keep the rest of a low battery for the night"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 20 % by "keep the rest of a low battery for the night", hold the battery: time Wed 21:00 (21:00-06:00), soe_below 20.0 % (below 30 %)','{"fired":{},"rules":{"keep the rest of a low battery for the night":{"active":true,"captured":20,"held":["while.soe_below"],"holds":true,"holds_since":"2026-07-16T04:00:00+00:00","since":"2026-07-16T04:00:00+00:00","unknown_since":null}},"settled":{"firmware before the peak":"2026-07-15T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'8F85BF5C924352F8F7992B451C5371AA060B67AB4932CC31E4E7E53D58E59D3B');
INSERT INTO "decision" VALUES('home',3333,'2026-07-16T13:00:00.000000Z',2039,'self_consumption',20,'{"mode":"default","reserve":"default"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 20 % by default','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-15T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'C511E0FE03DA69B44AD7823BD694D03C2F411D58466D3269E80ED3D1685634ED');
INSERT INTO "decision" VALUES('home',3694,'2026-07-16T19:00:00.000000Z',2039,'self_consumption',84,'{"mode":"half full by two","reserve":"half full by two"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 84 % by "half full by two", charge to 60 %: time Thu 12:00 (12:00-14:00)','{"fired":{},"rules":{"half full by two":{"active":true,"captured":84,"held":[],"holds":true,"holds_since":"2026-07-16T19:00:00+00:00","since":"2026-07-16T19:00:00+00:00","unknown_since":null}},"settled":{"firmware before the peak":"2026-07-15T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'63201B922130012D3DEEB83099E36C1EE57BA6A5A5BE7277F2D6C75E6748E0B0');
INSERT INTO "decision" VALUES('home',3725,'2026-07-16T19:26:05.000000Z',2039,'self_consumption',94,'{"mode":"half full by two","reserve":"half full by two"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 94 % by "half full by two", charge to 60 %: time Thu 12:26 (12:00-14:00)','{"fired":{},"rules":{"half full by two":{"active":true,"captured":94,"held":[],"holds":true,"holds_since":"2026-07-16T19:00:00+00:00","since":"2026-07-16T19:00:00+00:00","unknown_since":null}},"settled":{"firmware before the peak":"2026-07-15T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'D96DD829B73098C019B2EE158AB2C5AD8D77EB6A0AA6631508C2746889F9B42F');
INSERT INTO "decision" VALUES('home',3751,'2026-07-16T19:47:10.000000Z',2039,'self_consumption',100,'{"mode":"half full by two","reserve":"half full by two"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 100 % by "half full by two", charge to 60 %: time Thu 12:47 (12:00-14:00)','{"fired":{},"rules":{"half full by two":{"active":true,"captured":100,"held":[],"holds":true,"holds_since":"2026-07-16T19:00:00+00:00","since":"2026-07-16T19:00:00+00:00","unknown_since":null}},"settled":{"firmware before the peak":"2026-07-15T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'3EA7594A22B09381777E375A0E12B660617B85CA61D2369146A88119F99B3C46');
INSERT INTO "decision" VALUES('home',3830,'2026-07-16T21:00:00.000000Z',2039,'backup',100,'{"mode":"full before the peak","reserve":"full before the peak"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','backup and reserve 100 % by "full before the peak", charge to 100 %: time Thu 14:00 (14:00-15:55)','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-15T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'281CD5868E3A90415F65E85375EE840DDB4B950BCDEF8E19080C378C95A0FAA3');
INSERT INTO "decision" VALUES('home',3897,'2026-07-16T22:00:00.000000Z',2039,'backup',100,'{"mode":"full before the peak","reserve":"full before the peak"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','backup and reserve 100 % by "full before the peak", charge to 100 %: time Thu 15:00 (14:00-15:55)','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-16T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'F5671BF1616ED6AAA2AFC5C8E99037858B3119624A8EB8BF7ECBF22848C493EA');
INSERT INTO "decision" VALUES('home',3957,'2026-07-16T22:55:00.000000Z',2039,'self_consumption',20,'{"mode":"default","reserve":"default"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 20 % by default','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-16T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'FEC2D793B291F501068A5C13CE5BD903B4B12ED90F71BB65180EE8DDB4E41B11');
INSERT INTO "decision" VALUES('home',4269,'2026-07-17T04:00:00.000000Z',2039,'self_consumption',23,'{"mode":"keep the rest of a low battery for the night","reserve":"keep the rest of a low battery for the night"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 23 % by "keep the rest of a low battery for the night", hold the battery: time Thu 21:00 (21:00-06:00), soe_below 23.2 % (below 30 %)','{"fired":{},"rules":{"keep the rest of a low battery for the night":{"active":true,"captured":23,"held":["while.soe_below"],"holds":true,"holds_since":"2026-07-17T04:00:00+00:00","since":"2026-07-17T04:00:00+00:00","unknown_since":null}},"settled":{"firmware before the peak":"2026-07-16T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}',X'8818FFB048DD5411FC758993926980C7BE8F52B1FF5B6A4DA0051CB935C2E4F3');
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
INSERT INTO "effect" VALUES('home',404,'2026-07-14T13:22:05.000000Z',378,'confirmed','at SOE 26.0 % and 3726 W of load the battery discharges 3689 W',X'FB5711BE77AD7791452825A4C73C34B2E8AF4B888713B61CA4307DD1C5110A2F');
INSERT INTO "effect" VALUES('home',778,'2026-07-14T19:29:05.000000Z',745,'confirmed','at SOE 41.6 % and 2953 W of load the battery charges 3300 W, 3977 W come from the grid',X'EC6FCD739287CC0A55D09423E5DF5368AE7731498AD6948AAE5B0451BADF9745');
INSERT INTO "effect" VALUES('home',846,'2026-07-14T20:31:10.000000Z',826,'confirmed','at SOE 62.0 % and 3201 W of load the battery discharges 1179 W',X'D2C46DAFEFDF9221EC0B2CF33839BA10746E75AB8D7C63FA8613DF1AA5251849');
INSERT INTO "effect" VALUES('home',924,'2026-07-14T21:42:05.000000Z',878,'confirmed','at SOE 79.7 % and 3334 W of load the battery charges 3300 W, 4354 W come from the grid',X'71CFC79056CDBD28FED48EAB6D4E2AD79C9DBC56CB6C8F9C57903FF0C5CF3A11');
INSERT INTO "effect" VALUES('home',1014,'2026-07-14T22:59:05.000000Z',1006,'confirmed','at SOE 99.0 % and 3713 W of load the battery discharges 1650 W',X'8FB34F1B9DF0914F6043DA3F6608A5FD98A95C376BE7C22A2A2B9EB5E77112F4');
INSERT INTO "effect" VALUES('home',2321,'2026-07-15T20:31:10.000000Z',2249,'confirmed','at SOE 66.3 % and 2519 W of load the battery discharges 509 W',X'18FF8690FA7D0C26DA583CEA047A07DEA2EF1FD285C8A34ABA7D83787AA94709');
INSERT INTO "effect" VALUES('home',2369,'2026-07-15T21:12:05.000000Z',2353,'confirmed','at SOE 70.2 % and 2637 W of load the battery charges 3300 W, 3998 W come from the grid',X'27323FFC23BB3BE85C2A8EACC85671F5365CA72D6B0D1248747AF9EF23BE7153');
INSERT INTO "effect" VALUES('home',2489,'2026-07-15T22:59:05.000000Z',2481,'confirmed','at SOE 99.0 % and 2999 W of load the battery discharges 1598 W',X'5FBE0939F908F0C710F3B2DCC079332BEF4CF581069F7C470ED2896E29C12E92');
INSERT INTO "effect" VALUES('home',3989,'2026-07-16T23:22:05.000000Z',3958,'confirmed','at SOE 99.5 % and 4724 W of load the battery discharges 1670 W',X'D259BF7ED3DB4D3994072B29C88F6AB1A5238B131516A845BC8F95F7ECBD2FC0');
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
INSERT INTO "event" VALUES('home',943,'2026-07-14T22:00:00.000000Z',1,'firmware before the peak','2026-07-14T22:00:00.000000Z','firmware-check','fired',X'E06BF64DD78BE1DF89C586E62B0CAC57EEEE75DFE30F0B41B92008CC4EC81954');
INSERT INTO "event" VALUES('home',2418,'2026-07-15T22:00:00.000000Z',2039,'firmware before the peak','2026-07-15T22:00:00.000000Z','firmware-check','fired',X'3178D4085201A1452111565B5D32ED82AB7CC8BC2E5CA2C3D9510CE0C2D47DBE');
INSERT INTO "event" VALUES('home',3895,'2026-07-16T22:00:00.000000Z',2039,'firmware before the peak','2026-07-16T22:00:00.000000Z','firmware-check','fired',X'260786F1F2BF2C5BF77E3C7F805C2C611C198F6C2215E55580525E6DDB2AC4AE');
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
INSERT INTO "firmware_check" VALUES('home',948,'2026-07-14T22:00:45.000000Z',1,943,'nothing newer','/update_succeeded nonactionable','1.49.0 f7d0c6a1','the gateway has the newest firmware',X'D516302C101865C21ECB6970C0284FDD765571FD9351A6268AB8E612B487C00A');
INSERT INTO "firmware_check" VALUES('home',2423,'2026-07-15T22:00:45.000000Z',2039,2418,'nothing newer','/update_succeeded nonactionable','1.49.0 f7d0c6a1','the gateway has the newest firmware',X'4B1AC8116F983375F1129FC6BBE41915F77319EBC57B074B00D9A75DB9A5EC1E');
INSERT INTO "firmware_check" VALUES('home',3900,'2026-07-16T22:00:45.000000Z',2039,3895,'nothing newer','/update_succeeded nonactionable','1.49.0 f7d0c6a1','the gateway has the newest firmware',X'2A1EA3204813648AC8833AA2BE68D70ED4876AA5355018A6A5A1C20B17D2137C');
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
INSERT INTO "input" VALUES('home',4,'2026-07-14T07:00:00.000000Z',1,'levers','{"export":false,"grid_charging":false,"modes":["autonomous","backup","self_consumption"],"reserve_ceiling":100}');
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
INSERT INTO "intent" VALUES('home',7,'2026-07-14T07:00:00.000000Z',1,6,'self_consumption',20,'self_consumption',20,'may this account write?','self_consumption and reserve 20 % by default',0,X'CDF3011D0EA9A9DA74A6E213C14FC3E31DAA4A33AECB09239B739DE10DE004F6');
INSERT INTO "intent" VALUES('home',285,'2026-07-14T11:32:05.000000Z',1,284,'self_consumption',20,'self_consumption',29,'state of the house','self_consumption and reserve 29 % by "keep the rest of a low battery for the night", hold the battery: time Tue 04:32 (21:00-06:00), soe_below 30.0 % (below 30 %)',0,X'BF4D40B5183A879CE7843058E578E5F2AF4E1B22C1099CDF299D3249771491BA');
INSERT INTO "intent" VALUES('home',378,'2026-07-14T13:00:00.000000Z',1,377,'self_consumption',29,'self_consumption',20,'time boundary','self_consumption and reserve 20 % by default',0,X'A0C3C67F73593D09365592783943777A055CA3B529ED52E02F4AEC89D5F7039A');
INSERT INTO "intent" VALUES('home',745,'2026-07-14T19:00:00.000000Z',1,744,'self_consumption',20,'backup',60,'time boundary','backup and reserve 60 % by "half full by two", charge to 60 %: time Tue 12:00 (12:00-14:00)',0,X'C00F94A3AE9126561DF482CB97840DE3A58C707B7F6AD8EEB778B96698F34824');
INSERT INTO "intent" VALUES('home',826,'2026-07-14T20:14:05.000000Z',1,825,'backup',60,'self_consumption',60,'state of the house','self_consumption and reserve 60 % by "half full by two", charge to 60 %: time Tue 13:14 (12:00-14:00)',0,X'DC1592280843B810C6D7F4280C45CE5D8AF64992DE59E2D65B6FACECFD370B29');
INSERT INTO "intent" VALUES('home',878,'2026-07-14T21:00:00.000000Z',1,877,'self_consumption',60,'backup',100,'time boundary','backup and reserve 100 % by "full before the peak", charge to 100 %: time Tue 14:00 (14:00-15:55)',0,X'09C9A33C76BAF6CC5F17091663FED9AB284B33ABD1E88CB565E47D521DC047F8');
INSERT INTO "intent" VALUES('home',1006,'2026-07-14T22:55:00.000000Z',1,1005,'backup',100,'self_consumption',20,'time boundary','self_consumption and reserve 20 % by default',0,X'2C92CD2324F13464CCA01EF719FED8C9EF37140651BA0A7DBBDF92540B2B026E');
INSERT INTO "intent" VALUES('home',2222,'2026-07-15T19:00:00.000000Z',2039,2221,'self_consumption',20,'backup',60,'time boundary','backup and reserve 60 % by "half full by two", charge to 60 %: time Wed 12:00 (12:00-14:00)',0,X'6D2E69AEE5E2AE0B31C4D3C25D8E3F77B1864642B26D2C700BF72F8027BDF071');
INSERT INTO "intent" VALUES('home',2249,'2026-07-15T19:22:05.000000Z',2039,2248,'backup',60,'self_consumption',60,'state of the house','self_consumption and reserve 60 % by "half full by two", charge to 60 %: time Wed 12:22 (12:00-14:00)',0,X'B9B672A4CF44FC730A3EB59116831431209A8E218989F81D07037CCECE8B5EDF');
INSERT INTO "intent" VALUES('home',2353,'2026-07-15T21:00:00.000000Z',2039,2352,'self_consumption',60,'backup',100,'time boundary','backup and reserve 100 % by "full before the peak", charge to 100 %: time Wed 14:00 (14:00-15:55)',0,X'D5FC863054243F07DDA2A15030EC44B99A6159522491370E6109E4AC8B1CE8D2');
INSERT INTO "intent" VALUES('home',2481,'2026-07-15T22:55:00.000000Z',2039,2480,'backup',100,'self_consumption',20,'time boundary','self_consumption and reserve 20 % by default',0,X'83DD0738312EFD6D8B181CDF41E7EF4F009224D1479ED8F479313A880C3DC899');
INSERT INTO "intent" VALUES('home',3695,'2026-07-16T19:00:00.000000Z',2039,3694,'self_consumption',20,'self_consumption',84,'time boundary','self_consumption and reserve 84 % by "half full by two", charge to 60 %: time Thu 12:00 (12:00-14:00)',0,X'A8C59BB9A2552EFBEE8298B6F911EFD142F532D6105369AC16E3B2C0546C7A4C');
INSERT INTO "intent" VALUES('home',3726,'2026-07-16T19:26:05.000000Z',2039,3725,'self_consumption',84,'self_consumption',94,'state of the house','self_consumption and reserve 94 % by "half full by two", charge to 60 %: time Thu 12:26 (12:00-14:00)',0,X'9DD5A6CB2D72069781A8FDD98E8814EA91B89279037572DE749E1812F37E0DB7');
INSERT INTO "intent" VALUES('home',3752,'2026-07-16T19:47:10.000000Z',2039,3751,'self_consumption',94,'self_consumption',100,'state of the house','self_consumption and reserve 100 % by "half full by two", charge to 60 %: time Thu 12:47 (12:00-14:00)',0,X'588BA359687CA20C7F8F2BB36EC6C9522E2292E597B7637042B315DA5FC8FA95');
INSERT INTO "intent" VALUES('home',3831,'2026-07-16T21:00:00.000000Z',2039,3830,'self_consumption',100,'backup',100,'time boundary','backup and reserve 100 % by "full before the peak", charge to 100 %: time Thu 14:00 (14:00-15:55)',0,X'EB6855CCF148D968AD30F30F52A00249781C60C34408DD4B38C89EAA723FC6E5');
INSERT INTO "intent" VALUES('home',3958,'2026-07-16T22:55:00.000000Z',2039,3957,'backup',100,'self_consumption',20,'time boundary','self_consumption and reserve 20 % by default',0,X'F8C8E779C9FCF60A2E08EC1ECD18D9A2830AA5F758A2C58F9A3A5510FC14DBB1');
INSERT INTO "intent" VALUES('home',4270,'2026-07-17T04:00:00.000000Z',2039,4269,'self_consumption',20,'self_consumption',23,'time boundary','self_consumption and reserve 23 % by "keep the rest of a low battery for the night", hold the battery: time Thu 21:00 (21:00-06:00), soe_below 23.2 % (below 30 %)',0,X'8FA12761B0CD617835209C495F4EA32CB7936296814281057666031F996BC9A2');
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
INSERT INTO "intent_sent" VALUES('home',8,'2026-07-14T07:00:00.000000Z',7,X'C24BC398FEC1DD370C950729F2F861D79B5903AD8D41B5E5C2B8C41A93FB4193');
INSERT INTO "intent_sent" VALUES('home',286,'2026-07-14T11:32:05.000000Z',285,X'4C6B035B7568DD1D4CBC3EB3D1B8C597B6DBAB7137A81B00B60049F2A306FC01');
INSERT INTO "intent_sent" VALUES('home',379,'2026-07-14T13:00:00.000000Z',378,X'71D68700C6881F8B1F67FE42ACAA263FCE8AA153EE67F490B01BEACDFBC67966');
INSERT INTO "intent_sent" VALUES('home',746,'2026-07-14T19:00:00.000000Z',745,X'AACCF2E72BDEACFB3D5B01412FEA92F1351802A30A408A5DF452931611356B79');
INSERT INTO "intent_sent" VALUES('home',827,'2026-07-14T20:14:05.000000Z',826,X'E39ADFA763276A4BE1311B19587C30947D98589D98A576EBD7055A1DD9CB254D');
INSERT INTO "intent_sent" VALUES('home',879,'2026-07-14T21:00:00.000000Z',878,X'4577A64D6D2805C1208E3D89D1BAD033CFAA75B571907891E11FD33244A12CAB');
INSERT INTO "intent_sent" VALUES('home',1007,'2026-07-14T22:55:00.000000Z',1006,X'3533A460606EA02F5D8BB71962A5E82080C7EAE1A9E86C8C1D50EA5EF9175134');
INSERT INTO "intent_sent" VALUES('home',2223,'2026-07-15T19:00:00.000000Z',2222,X'02502E16D28B5DDE64487E6ACB550C8057CF349909E301961F6C4E51FD269514');
INSERT INTO "intent_sent" VALUES('home',2250,'2026-07-15T19:22:05.000000Z',2249,X'B48B0AF48248C7D5D3FFA8DC64C09830A684ED774BEB70D8816A2E63843B83AD');
INSERT INTO "intent_sent" VALUES('home',2354,'2026-07-15T21:00:00.000000Z',2353,X'BEE147614C32EA95C4B863E17FA95857D21741B5375C9CF9AB74880A7D1D522B');
INSERT INTO "intent_sent" VALUES('home',2482,'2026-07-15T22:55:00.000000Z',2481,X'A2700EEEFF462B6C2CA3C5B5B061A0DC1285B68E17F481DCE67569651AEDFB3B');
INSERT INTO "intent_sent" VALUES('home',3696,'2026-07-16T19:00:00.000000Z',3695,X'203324146FA7B14D8143BC1CC36898F2BF0F273C1F1E02C5B4CA2C698CBA804E');
INSERT INTO "intent_sent" VALUES('home',3727,'2026-07-16T19:26:05.000000Z',3726,X'2310AF6F432B3C518A317CD2A9CDCC7A90696F7044B0A83F12C7D453B35E663A');
INSERT INTO "intent_sent" VALUES('home',3753,'2026-07-16T19:47:10.000000Z',3752,X'5ECC349F552538AC4D4E981384B887807AF88081E05E6058D9C39ACBC38A9CD1');
INSERT INTO "intent_sent" VALUES('home',3832,'2026-07-16T21:00:00.000000Z',3831,X'CF7258F684655212B6F0473AFC71C80F52ACECAB37782CA2FE91FD4082D69809');
INSERT INTO "intent_sent" VALUES('home',3959,'2026-07-16T22:55:00.000000Z',3958,X'8B2D9FD030C09F07AFF094C6873E560A99E36409FC23D45D6DB2E326691348D5');
INSERT INTO "intent_sent" VALUES('home',4271,'2026-07-17T04:00:00.000000Z',4270,X'8AA6108C2B9E6A23BA28CB4148E0E7FCDDEEA802A17385542C975D23E35CEB3B');
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
INSERT INTO "observation" VALUES('home',5,'2026-07-14T07:00:00.000000Z',1,45.0,0.0,674.41,674.41,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{}','2026-07-14T07:00:00.000000Z');
INSERT INTO "observation" VALUES('home',11,'2026-07-14T07:00:05.000000Z',1,4.49926862706225847441e+01,0.0,674.41,674.41,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T07:00:00.000000Z"}','2026-07-14T07:00:05.000000Z');
INSERT INTO "observation" VALUES('home',283,'2026-07-14T11:32:05.000000Z',1,2.99575190731964617896e+01,0.0,431.81,431.81,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T11:30:05.000000Z"}','2026-07-14T11:32:05.000000Z');
INSERT INTO "observation" VALUES('home',288,'2026-07-14T11:32:10.000000Z',1,2.99528362796642149135e+01,0.0,431.81,431.81,0.0,'SystemGridConnected',0,'self_consumption',29.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T11:30:05.000000Z"}','2026-07-14T11:32:10.000000Z');
INSERT INTO "observation" VALUES('home',376,'2026-07-14T13:00:00.000000Z',1,29.0,717.44,0.0,724.27,6.84,'SystemGridConnected',0,'self_consumption',29.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T12:45:10.000000Z","mode":"2026-07-14T12:58:10.000000Z","reserve":"2026-07-14T12:58:10.000000Z","running":"2026-07-14T12:58:10.000000Z"}','2026-07-14T13:00:00.000000Z');
INSERT INTO "observation" VALUES('home',380,'2026-07-14T13:00:00.000000Z',1,29.0,717.44,0.0,724.27,6.84,'SystemGridConnected',0,'self_consumption',29.0,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-14T13:00:00.000000Z","firmware":"2026-07-14T12:45:10.000000Z","grid":"2026-07-14T13:00:00.000000Z","grid_services":"2026-07-14T13:00:00.000000Z","load_power":"2026-07-14T13:00:00.000000Z","site_power":"2026-07-14T13:00:00.000000Z","soe":"2026-07-14T13:00:00.000000Z","solar_power":"2026-07-14T13:00:00.000000Z"}','2026-07-14T13:00:00.000000Z');
INSERT INTO "observation" VALUES('home',382,'2026-07-14T13:00:05.000000Z',1,2.89922197175776332747e+01,0.0,717.44,724.27,6.84,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T12:45:10.000000Z"}','2026-07-14T13:00:05.000000Z');
INSERT INTO "observation" VALUES('home',405,'2026-07-14T13:22:05.000000Z',1,2.59652620144887151813e+01,0.0,3689.22,3726.42,37.2,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T13:16:05.000000Z"}','2026-07-14T13:22:05.000000Z');
INSERT INTO "observation" VALUES('home',517,'2026-07-14T15:14:05.000000Z',1,20.0,726.96,0.0,1379.35,652.38,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T15:01:05.000000Z"}','2026-07-14T15:14:05.000000Z');
INSERT INTO "observation" VALUES('home',518,'2026-07-14T15:15:05.000000Z',1,20.0,704.17,0.0,1457.79,753.63,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T15:01:05.000000Z","mode":"2026-07-14T15:14:05.000000Z","reserve":"2026-07-14T15:14:05.000000Z","running":"2026-07-14T15:14:05.000000Z"}','2026-07-14T15:15:05.000000Z');
INSERT INTO "observation" VALUES('home',743,'2026-07-14T19:00:00.000000Z',1,2.78508771573550717448e+01,0.0,132.82,2730.07,2597.25,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T18:46:05.000000Z","mode":"2026-07-14T18:58:05.000000Z","reserve":"2026-07-14T18:58:05.000000Z","running":"2026-07-14T18:58:05.000000Z"}','2026-07-14T19:00:00.000000Z');
INSERT INTO "observation" VALUES('home',747,'2026-07-14T19:00:00.000000Z',1,2.78508771573550717448e+01,0.0,132.82,2730.07,2597.25,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-14T19:00:00.000000Z","firmware":"2026-07-14T18:46:05.000000Z","grid":"2026-07-14T19:00:00.000000Z","grid_services":"2026-07-14T19:00:00.000000Z","load_power":"2026-07-14T19:00:00.000000Z","site_power":"2026-07-14T19:00:00.000000Z","soe":"2026-07-14T19:00:00.000000Z","solar_power":"2026-07-14T19:00:00.000000Z"}','2026-07-14T19:00:00.000000Z');
INSERT INTO "observation" VALUES('home',749,'2026-07-14T19:00:05.000000Z',1,2.7883085540930864e+01,3432.82,-3300.0,2730.07,2597.25,'SystemGridConnected',0,'backup',60.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T18:46:05.000000Z"}','2026-07-14T19:00:05.000000Z');
INSERT INTO "observation" VALUES('home',779,'2026-07-14T19:29:05.000000Z',1,4.15730887755850062612e+01,3976.55,-3300.0,2952.6,2276.06,'SystemGridConnected',0,'backup',60.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T19:16:05.000000Z","mode":"2026-07-14T19:28:05.000000Z","reserve":"2026-07-14T19:28:05.000000Z","running":"2026-07-14T19:28:05.000000Z"}','2026-07-14T19:29:05.000000Z');
INSERT INTO "observation" VALUES('home',824,'2026-07-14T20:14:05.000000Z',1,6.02331999551935481918e+01,3300.0,-4082.62,3025.17,3807.79,'SystemGridConnected',0,'backup',60.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T20:01:05.000000Z"}','2026-07-14T20:14:05.000000Z');
INSERT INTO "observation" VALUES('home',829,'2026-07-14T20:14:10.000000Z',1,6.02408383974399725974e+01,0.0,-782.62,3025.17,3807.79,'SystemGridConnected',0,'self_consumption',60.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T20:01:05.000000Z"}','2026-07-14T20:14:10.000000Z');
INSERT INTO "observation" VALUES('home',847,'2026-07-14T20:31:10.000000Z',1,6.20413225873150935268e+01,0.0,1179.18,3201.37,2022.19,'SystemGridConnected',0,'self_consumption',60.0,1,'1.49.0 f7d0c6a1','{"mode":"2026-07-14T20:30:10.000000Z","reserve":"2026-07-14T20:30:10.000000Z","running":"2026-07-14T20:30:10.000000Z"}','2026-07-14T20:31:10.000000Z');
INSERT INTO "observation" VALUES('home',876,'2026-07-14T21:00:00.000000Z',1,60.0,363.31,0.0,3214.18,2850.88,'SystemGridConnected',0,'self_consumption',60.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T20:46:10.000000Z","mode":"2026-07-14T20:58:10.000000Z","reserve":"2026-07-14T20:58:10.000000Z","running":"2026-07-14T20:58:10.000000Z"}','2026-07-14T21:00:00.000000Z');
INSERT INTO "observation" VALUES('home',880,'2026-07-14T21:00:00.000000Z',1,60.0,363.31,0.0,3214.18,2850.88,'SystemGridConnected',0,'self_consumption',60.0,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-14T21:00:00.000000Z","firmware":"2026-07-14T20:46:10.000000Z","grid":"2026-07-14T21:00:00.000000Z","grid_services":"2026-07-14T21:00:00.000000Z","load_power":"2026-07-14T21:00:00.000000Z","site_power":"2026-07-14T21:00:00.000000Z","soe":"2026-07-14T21:00:00.000000Z","solar_power":"2026-07-14T21:00:00.000000Z"}','2026-07-14T21:00:00.000000Z');
INSERT INTO "observation" VALUES('home',882,'2026-07-14T21:00:05.000000Z',1,60.0322083835758,3663.31,-3300.0,3214.18,2850.88,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T20:46:10.000000Z"}','2026-07-14T21:00:05.000000Z');
INSERT INTO "observation" VALUES('home',925,'2026-07-14T21:42:05.000000Z',1,7.97480467019609733352e+01,4353.5,-3300.0,3334.35,2280.85,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T21:32:05.000000Z"}','2026-07-14T21:42:05.000000Z');
INSERT INTO "observation" VALUES('home',944,'2026-07-14T22:00:00.000000Z',1,8.68369099544955247438e+01,4252.61,-3300.0,3325.86,2373.25,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T21:47:05.000000Z","mode":"2026-07-14T21:58:05.000000Z","reserve":"2026-07-14T21:58:05.000000Z","running":"2026-07-14T21:58:05.000000Z"}','2026-07-14T22:00:00.000000Z');
INSERT INTO "observation" VALUES('home',949,'2026-07-14T22:00:45.000000Z',1,8.71267854066776408199e+01,4252.61,-3300.0,3325.86,2373.25,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T21:47:05.000000Z","mode":"2026-07-14T22:00:15.000000Z","reserve":"2026-07-14T22:00:15.000000Z","running":"2026-07-14T22:00:15.000000Z"}','2026-07-14T22:00:45.000000Z');
INSERT INTO "observation" VALUES('home',1004,'2026-07-14T22:55:00.000000Z',1,100.0,1997.35,0.0,3620.63,1623.27,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T22:47:45.000000Z","mode":"2026-07-14T22:54:45.000000Z","reserve":"2026-07-14T22:54:45.000000Z","running":"2026-07-14T22:54:45.000000Z"}','2026-07-14T22:55:00.000000Z');
INSERT INTO "observation" VALUES('home',1008,'2026-07-14T22:55:00.000000Z',1,100.0,1997.35,0.0,3620.63,1623.27,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-14T22:55:00.000000Z","firmware":"2026-07-14T22:47:45.000000Z","grid":"2026-07-14T22:55:00.000000Z","grid_services":"2026-07-14T22:55:00.000000Z","load_power":"2026-07-14T22:55:00.000000Z","site_power":"2026-07-14T22:55:00.000000Z","soe":"2026-07-14T22:55:00.000000Z","solar_power":"2026-07-14T22:55:00.000000Z"}','2026-07-14T22:55:00.000000Z');
INSERT INTO "observation" VALUES('home',1010,'2026-07-14T22:55:05.000000Z',1,9.99783395470864206817e+01,0.0,1997.35,3620.63,1623.27,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T22:47:45.000000Z"}','2026-07-14T22:55:05.000000Z');
INSERT INTO "observation" VALUES('home',1015,'2026-07-14T22:59:05.000000Z',1,9.8977333252780226756e+01,0.0,1650.28,3713.12,2062.85,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T22:47:45.000000Z"}','2026-07-14T22:59:05.000000Z');
INSERT INTO "observation" VALUES('home',1040,'2026-07-14T23:24:05.000000Z',1,9.19220554115399863821e+01,0.0,4933.97,6041.4,1107.43,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T23:18:05.000000Z","mode":"2026-07-14T23:23:05.000000Z","reserve":"2026-07-14T23:23:05.000000Z","running":"2026-07-14T23:23:05.000000Z"}','2026-07-14T23:24:05.000000Z');
INSERT INTO "observation" VALUES('home',1041,'2026-07-14T23:25:05.000000Z',1,9.12792573233039803391e+01,253.91,5000.0,6284.01,1030.1,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T23:18:05.000000Z"}','2026-07-14T23:25:05.000000Z');
INSERT INTO "observation" VALUES('home',1316,'2026-07-15T04:00:00.000000Z',1,20.0,2562.93,0.0,2562.93,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T03:48:05.000000Z","mode":"2026-07-15T03:59:05.000000Z","reserve":"2026-07-15T03:59:05.000000Z","running":"2026-07-15T03:59:05.000000Z"}','2026-07-15T04:00:00.000000Z');
INSERT INTO "observation" VALUES('home',1541,'2026-07-15T07:44:00.000000Z',1,20.0,407.91,0.0,407.91,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T07:34:00.000000Z"}','2026-07-15T07:44:00.000000Z');
INSERT INTO "observation" VALUES('home',1542,'2026-07-15T07:45:00.000000Z',1,20.0,409.31,0.0,409.31,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T07:34:00.000000Z","mode":"2026-07-15T07:44:00.000000Z","reserve":"2026-07-15T07:44:00.000000Z","running":"2026-07-15T07:44:00.000000Z"}','2026-07-15T07:45:00.000000Z');
INSERT INTO "observation" VALUES('home',1857,'2026-07-15T13:00:00.000000Z',1,20.0,801.84,0.0,806.7,4.86,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T12:49:00.000000Z"}','2026-07-15T13:00:00.000000Z');
INSERT INTO "observation" VALUES('home',2038,'2026-07-15T16:00:00.000000Z',1,2.11711587420491227358e+01,0.0,-589.16,1081.34,1670.51,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T15:49:00.000000Z"}','2026-07-15T16:00:00.000000Z');
INSERT INTO "observation" VALUES('home',2040,'2026-07-15T16:00:00.000000Z',2039,2.11711587420491227358e+01,0.0,-589.16,1081.34,1670.51,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{}','2026-07-15T16:00:00.000000Z');
INSERT INTO "observation" VALUES('home',2043,'2026-07-15T16:03:00.000000Z',2039,2.13659621524469862659e+01,0.0,-436.43,980.13,1416.56,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T16:00:00.000000Z","mode":"2026-07-15T16:02:00.000000Z","reserve":"2026-07-15T16:02:00.000000Z","running":"2026-07-15T16:02:00.000000Z"}','2026-07-15T16:03:00.000000Z');
INSERT INTO "observation" VALUES('home',2044,'2026-07-15T16:04:00.000000Z',2039,2.1417077924718469716e+01,0.0,-230.47,1098.64,1329.12,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T16:00:00.000000Z"}','2026-07-15T16:04:00.000000Z');
INSERT INTO "observation" VALUES('home',2220,'2026-07-15T19:00:00.000000Z',2039,4.91888872864776374163e+01,0.0,-594.8,2193.12,2787.92,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{}','2026-07-15T19:00:00.000000Z');
INSERT INTO "observation" VALUES('home',2225,'2026-07-15T19:00:05.000000Z',2039,4.92269009660801160066e+01,3300.0,-3894.8,2193.12,2787.92,'SystemGridConnected',0,'backup',60.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T19:00:00.000000Z"}','2026-07-15T19:00:05.000000Z');
INSERT INTO "observation" VALUES('home',2247,'2026-07-15T19:22:05.000000Z',2039,6.01562351183382517652e+01,3300.0,-3979.75,2258.62,2938.37,'SystemGridConnected',0,'backup',60.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T19:15:05.000000Z"}','2026-07-15T19:22:05.000000Z');
INSERT INTO "observation" VALUES('home',2252,'2026-07-15T19:22:10.000000Z',2039,6.01628695440438150416e+01,0.0,-679.75,2258.62,2938.37,'SystemGridConnected',0,'self_consumption',60.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T19:15:05.000000Z"}','2026-07-15T19:22:10.000000Z');
INSERT INTO "observation" VALUES('home',2322,'2026-07-15T20:31:10.000000Z',2039,6.62763009908126434757e+01,0.0,509.17,2519.44,2010.27,'SystemGridConnected',0,'self_consumption',60.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:30:10.000000Z","mode":"2026-07-15T20:30:10.000000Z","reserve":"2026-07-15T20:30:10.000000Z","running":"2026-07-15T20:30:10.000000Z"}','2026-07-15T20:31:10.000000Z');
INSERT INTO "observation" VALUES('home',2351,'2026-07-15T21:00:00.000000Z',2039,6.53618729552414379213e+01,0.0,-46.14,2654.77,2700.91,'SystemGridConnected',0,'self_consumption',60.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:45:10.000000Z","mode":"2026-07-15T20:58:10.000000Z","reserve":"2026-07-15T20:58:10.000000Z","running":"2026-07-15T20:58:10.000000Z"}','2026-07-15T21:00:00.000000Z');
INSERT INTO "observation" VALUES('home',2355,'2026-07-15T21:00:00.000000Z',2039,6.53618729552414379213e+01,0.0,-46.14,2654.77,2700.91,'SystemGridConnected',0,'self_consumption',60.0,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-15T21:00:00.000000Z","firmware":"2026-07-15T20:45:10.000000Z","grid":"2026-07-15T21:00:00.000000Z","grid_services":"2026-07-15T21:00:00.000000Z","load_power":"2026-07-15T21:00:00.000000Z","site_power":"2026-07-15T21:00:00.000000Z","soe":"2026-07-15T21:00:00.000000Z","solar_power":"2026-07-15T21:00:00.000000Z"}','2026-07-15T21:00:00.000000Z');
INSERT INTO "observation" VALUES('home',2357,'2026-07-15T21:00:05.000000Z',2039,6.5394531675033732653e+01,3300.0,-3346.14,2654.77,2700.91,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:45:10.000000Z"}','2026-07-15T21:00:05.000000Z');
INSERT INTO "observation" VALUES('home',2370,'2026-07-15T21:12:05.000000Z',2039,7.01769269665774260164e+01,3998.02,-3300.0,2637.19,1939.17,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:01:05.000000Z"}','2026-07-15T21:12:05.000000Z');
INSERT INTO "observation" VALUES('home',2419,'2026-07-15T22:00:00.000000Z',2039,9.13249686734693284523e+01,3300.0,-4015.86,2811.19,3527.05,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:46:05.000000Z","mode":"2026-07-15T21:58:05.000000Z","reserve":"2026-07-15T21:58:05.000000Z","running":"2026-07-15T21:58:05.000000Z"}','2026-07-15T22:00:00.000000Z');
INSERT INTO "observation" VALUES('home',2424,'2026-07-15T22:00:45.000000Z',2039,9.16777262449116676652e+01,3300.0,-4015.86,2811.19,3527.05,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:46:05.000000Z","mode":"2026-07-15T22:00:15.000000Z","reserve":"2026-07-15T22:00:15.000000Z","running":"2026-07-15T22:00:15.000000Z"}','2026-07-15T22:00:45.000000Z');
INSERT INTO "observation" VALUES('home',2479,'2026-07-15T22:55:00.000000Z',2039,100.0,1745.61,0.0,3084.43,1338.81,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T22:46:45.000000Z","mode":"2026-07-15T22:54:45.000000Z","reserve":"2026-07-15T22:54:45.000000Z","running":"2026-07-15T22:54:45.000000Z"}','2026-07-15T22:55:00.000000Z');
INSERT INTO "observation" VALUES('home',2483,'2026-07-15T22:55:00.000000Z',2039,100.0,1745.61,0.0,3084.43,1338.81,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-15T22:55:00.000000Z","firmware":"2026-07-15T22:46:45.000000Z","grid":"2026-07-15T22:55:00.000000Z","grid_services":"2026-07-15T22:55:00.000000Z","load_power":"2026-07-15T22:55:00.000000Z","site_power":"2026-07-15T22:55:00.000000Z","soe":"2026-07-15T22:55:00.000000Z","solar_power":"2026-07-15T22:55:00.000000Z"}','2026-07-15T22:55:00.000000Z');
INSERT INTO "observation" VALUES('home',2485,'2026-07-15T22:55:05.000000Z',2039,9.99810695520570220668e+01,0.0,1745.61,3084.43,1338.81,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T22:46:45.000000Z"}','2026-07-15T22:55:05.000000Z');
INSERT INTO "observation" VALUES('home',2490,'2026-07-15T22:59:05.000000Z',2039,9.90131284876380135528e+01,0.0,1598.43,2999.36,1400.93,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T22:46:45.000000Z"}','2026-07-15T22:59:05.000000Z');
INSERT INTO "observation" VALUES('home',2565,'2026-07-16T00:14:05.000000Z',2039,7.4939092002394673388e+01,0.0,2280.87,3644.42,1363.55,'SystemIslandedActive',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T00:02:05.000000Z","mode":"2026-07-16T00:13:05.000000Z","reserve":"2026-07-16T00:13:05.000000Z","running":"2026-07-16T00:13:05.000000Z"}','2026-07-16T00:14:05.000000Z');
INSERT INTO "observation" VALUES('home',2566,'2026-07-16T00:15:05.000000Z',2039,7.46462865849882177809e+01,0.0,1910.64,3309.8,1399.15,'SystemIslandedActive',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T00:02:05.000000Z"}','2026-07-16T00:15:05.000000Z');
INSERT INTO "observation" VALUES('home',2791,'2026-07-16T04:00:00.000000Z',2039,20.0,1799.96,0.0,1799.96,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T03:47:05.000000Z","mode":"2026-07-16T03:59:05.000000Z","reserve":"2026-07-16T03:59:05.000000Z","running":"2026-07-16T03:59:05.000000Z"}','2026-07-16T04:00:00.000000Z');
INSERT INTO "observation" VALUES('home',3066,'2026-07-16T08:34:00.000000Z',2039,20.0,414.57,0.0,414.57,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T08:33:00.000000Z"}','2026-07-16T08:34:00.000000Z');
INSERT INTO "observation" VALUES('home',3067,'2026-07-16T08:35:00.000000Z',2039,20.0,409.54,0.0,409.54,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T08:33:00.000000Z","mode":"2026-07-16T08:34:00.000000Z","reserve":"2026-07-16T08:34:00.000000Z","running":"2026-07-16T08:34:00.000000Z"}','2026-07-16T08:35:00.000000Z');
INSERT INTO "observation" VALUES('home',3332,'2026-07-16T13:00:00.000000Z',2039,20.0,772.7,0.0,782.44,9.74,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T12:48:00.000000Z"}','2026-07-16T13:00:00.000000Z');
INSERT INTO "observation" VALUES('home',3567,'2026-07-16T16:54:00.000000Z',2039,4.2607204756160754755e+01,0.0,-2398.78,1084.44,3483.23,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T16:48:00.000000Z"}','2026-07-16T16:54:00.000000Z');
INSERT INTO "observation" VALUES('home',3568,'2026-07-16T16:55:00.000000Z',2039,4.28881534856035102638e+01,0.0,-2391.03,1108.36,3499.39,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T16:48:00.000000Z","mode":"2026-07-16T16:54:00.000000Z","reserve":"2026-07-16T16:54:00.000000Z","running":"2026-07-16T16:54:00.000000Z"}','2026-07-16T16:55:00.000000Z');
INSERT INTO "observation" VALUES('home',3693,'2026-07-16T19:00:00.000000Z',2039,8.48046816112291139671e+01,0.0,-3041.59,1871.07,4912.66,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T18:48:00.000000Z"}','2026-07-16T19:00:00.000000Z');
INSERT INTO "observation" VALUES('home',3698,'2026-07-16T19:00:05.000000Z',2039,8.48343678551007371844e+01,0.0,-3041.59,1871.07,4912.66,'SystemGridConnected',0,'self_consumption',84.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T18:48:00.000000Z"}','2026-07-16T19:00:05.000000Z');
INSERT INTO "observation" VALUES('home',3724,'2026-07-16T19:26:05.000000Z',2039,9.41458414787220334608e+01,0.0,-2969.94,2055.97,5025.91,'SystemGridConnected',0,'self_consumption',84.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T19:18:05.000000Z"}','2026-07-16T19:26:05.000000Z');
INSERT INTO "observation" VALUES('home',3729,'2026-07-16T19:26:10.000000Z',2039,9.41748283918903723605e+01,0.0,-2969.94,2055.97,5025.91,'SystemGridConnected',0,'self_consumption',94.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T19:18:05.000000Z"}','2026-07-16T19:26:10.000000Z');
INSERT INTO "observation" VALUES('home',3750,'2026-07-16T19:47:10.000000Z',2039,100.0,-3018.65,0.0,2048.19,5066.84,'SystemGridConnected',0,'self_consumption',94.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T19:33:10.000000Z","mode":"2026-07-16T19:46:10.000000Z","reserve":"2026-07-16T19:46:10.000000Z","running":"2026-07-16T19:46:10.000000Z"}','2026-07-16T19:47:10.000000Z');
INSERT INTO "observation" VALUES('home',3754,'2026-07-16T19:47:10.000000Z',2039,100.0,-3018.65,0.0,2048.19,5066.84,'SystemGridConnected',0,'self_consumption',94.0,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-16T19:47:10.000000Z","firmware":"2026-07-16T19:33:10.000000Z","grid":"2026-07-16T19:47:10.000000Z","grid_services":"2026-07-16T19:47:10.000000Z","load_power":"2026-07-16T19:47:10.000000Z","site_power":"2026-07-16T19:47:10.000000Z","soe":"2026-07-16T19:47:10.000000Z","solar_power":"2026-07-16T19:47:10.000000Z"}','2026-07-16T19:47:10.000000Z');
INSERT INTO "observation" VALUES('home',3756,'2026-07-16T19:47:15.000000Z',2039,100.0,-3018.65,0.0,2048.19,5066.84,'SystemGridConnected',0,'self_consumption',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T19:33:10.000000Z"}','2026-07-16T19:47:15.000000Z');
INSERT INTO "observation" VALUES('home',3829,'2026-07-16T21:00:00.000000Z',2039,100.0,-2461.92,0.0,2393.25,4855.17,'SystemGridConnected',0,'self_consumption',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T20:48:15.000000Z","mode":"2026-07-16T20:59:15.000000Z","reserve":"2026-07-16T20:59:15.000000Z","running":"2026-07-16T20:59:15.000000Z"}','2026-07-16T21:00:00.000000Z');
INSERT INTO "observation" VALUES('home',3833,'2026-07-16T21:00:00.000000Z',2039,100.0,-2461.92,0.0,2393.25,4855.17,'SystemGridConnected',0,'self_consumption',100.0,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-16T21:00:00.000000Z","firmware":"2026-07-16T20:48:15.000000Z","grid":"2026-07-16T21:00:00.000000Z","grid_services":"2026-07-16T21:00:00.000000Z","load_power":"2026-07-16T21:00:00.000000Z","site_power":"2026-07-16T21:00:00.000000Z","soe":"2026-07-16T21:00:00.000000Z","solar_power":"2026-07-16T21:00:00.000000Z"}','2026-07-16T21:00:00.000000Z');
INSERT INTO "observation" VALUES('home',3835,'2026-07-16T21:00:05.000000Z',2039,100.0,-2461.92,0.0,2393.25,4855.17,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T20:48:15.000000Z"}','2026-07-16T21:00:05.000000Z');
INSERT INTO "observation" VALUES('home',3896,'2026-07-16T22:00:00.000000Z',2039,100.0,-1773.81,0.0,2516.3,4290.11,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T21:49:05.000000Z","mode":"2026-07-16T21:58:05.000000Z","reserve":"2026-07-16T21:58:05.000000Z","running":"2026-07-16T21:58:05.000000Z"}','2026-07-16T22:00:00.000000Z');
INSERT INTO "observation" VALUES('home',3901,'2026-07-16T22:00:45.000000Z',2039,100.0,-1773.81,0.0,2516.3,4290.11,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T21:49:05.000000Z","mode":"2026-07-16T22:00:15.000000Z","reserve":"2026-07-16T22:00:15.000000Z","running":"2026-07-16T22:00:15.000000Z"}','2026-07-16T22:00:45.000000Z');
INSERT INTO "observation" VALUES('home',3956,'2026-07-16T22:55:00.000000Z',2039,100.0,-847.09,0.0,2662.37,3509.46,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T22:49:45.000000Z","mode":"2026-07-16T22:54:45.000000Z","reserve":"2026-07-16T22:54:45.000000Z","running":"2026-07-16T22:54:45.000000Z"}','2026-07-16T22:55:00.000000Z');
INSERT INTO "observation" VALUES('home',3960,'2026-07-16T22:55:00.000000Z',2039,100.0,-847.09,0.0,2662.37,3509.46,'SystemGridConnected',0,'backup',100.0,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-16T22:55:00.000000Z","firmware":"2026-07-16T22:49:45.000000Z","grid":"2026-07-16T22:55:00.000000Z","grid_services":"2026-07-16T22:55:00.000000Z","load_power":"2026-07-16T22:55:00.000000Z","site_power":"2026-07-16T22:55:00.000000Z","soe":"2026-07-16T22:55:00.000000Z","solar_power":"2026-07-16T22:55:00.000000Z"}','2026-07-16T22:55:00.000000Z');
INSERT INTO "observation" VALUES('home',3962,'2026-07-16T22:55:05.000000Z',2039,100.0,-847.09,0.0,2662.37,3509.46,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T22:49:45.000000Z"}','2026-07-16T22:55:05.000000Z');
INSERT INTO "observation" VALUES('home',3990,'2026-07-16T23:22:05.000000Z',2039,9.95058013826092349098e+01,0.0,1670.0,4724.43,3054.43,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T23:20:05.000000Z","mode":"2026-07-16T23:21:05.000000Z","reserve":"2026-07-16T23:21:05.000000Z","running":"2026-07-16T23:21:05.000000Z"}','2026-07-16T23:22:05.000000Z');
INSERT INTO "observation" VALUES('home',4091,'2026-07-17T01:03:05.000000Z',2039,8.27841856447043369406e+01,0.0,2501.72,3664.61,1162.89,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-17T00:50:05.000000Z"}','2026-07-17T01:03:05.000000Z');
INSERT INTO "observation" VALUES('home',4092,'2026-07-17T01:04:05.000000Z',2039,8.24621056553525306771e+01,0.0,2180.71,3325.22,1144.5,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-17T00:50:05.000000Z","mode":"2026-07-17T01:03:05.000000Z","reserve":"2026-07-17T01:03:05.000000Z","running":"2026-07-17T01:03:05.000000Z"}','2026-07-17T01:04:05.000000Z');
INSERT INTO "observation" VALUES('home',4268,'2026-07-17T04:00:00.000000Z',2039,2.32451697954646441246e+01,0.0,1474.87,1474.87,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-17T03:50:05.000000Z","mode":"2026-07-17T03:59:05.000000Z","reserve":"2026-07-17T03:59:05.000000Z","running":"2026-07-17T03:59:05.000000Z"}','2026-07-17T04:00:00.000000Z');
INSERT INTO "observation" VALUES('home',4272,'2026-07-17T04:00:00.000000Z',2039,2.32451697954646441246e+01,0.0,1474.87,1474.87,0.0,'SystemGridConnected',0,'self_consumption',20.0,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-17T04:00:00.000000Z","firmware":"2026-07-17T03:50:05.000000Z","grid":"2026-07-17T04:00:00.000000Z","grid_services":"2026-07-17T04:00:00.000000Z","load_power":"2026-07-17T04:00:00.000000Z","site_power":"2026-07-17T04:00:00.000000Z","soe":"2026-07-17T04:00:00.000000Z","solar_power":"2026-07-17T04:00:00.000000Z"}','2026-07-17T04:00:00.000000Z');
INSERT INTO "observation" VALUES('home',4274,'2026-07-17T04:00:05.000000Z',2039,2.32291754284505742584e+01,0.0,1474.87,1474.87,0.0,'SystemGridConnected',0,'self_consumption',2.30000000000000035535e+01,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-17T03:50:05.000000Z"}','2026-07-17T04:00:05.000000Z');
INSERT INTO "observation" VALUES('home',4454,'2026-07-17T07:00:00.000000Z',2039,2.30000000000000035535e+01,423.37,0.0,423.37,0.0,'SystemGridConnected',0,'self_consumption',2.30000000000000035535e+01,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-17T06:50:05.000000Z","mode":"2026-07-17T06:58:05.000000Z","reserve":"2026-07-17T06:58:05.000000Z","running":"2026-07-17T06:58:05.000000Z"}','2026-07-17T07:00:00.000000Z');
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
INSERT INTO "outcome" VALUES('home',10,'2026-07-14T07:00:05.000000Z',7,'held','read back after 5 s',X'0CC84D281BF694256EEAEF7428A4857098FC93AC28164085B23324CEC288FFC7');
INSERT INTO "outcome" VALUES('home',287,'2026-07-14T11:32:10.000000Z',285,'held','read back after 5 s',X'35F718C3E6F4EC920F75391C767B8DD4403C16C98806DF1D28EF58AE48BA645B');
INSERT INTO "outcome" VALUES('home',381,'2026-07-14T13:00:05.000000Z',378,'held','read back after 5 s',X'B03F8AF65336E6092B32C8D0D5FC51D387E0BAE54E8EC00D43B210929988B4A5');
INSERT INTO "outcome" VALUES('home',748,'2026-07-14T19:00:05.000000Z',745,'held','read back after 5 s',X'D8382B16FF31324E703DE1A11B3FD3079EC6F595F084C338307D8658CA259C2D');
INSERT INTO "outcome" VALUES('home',828,'2026-07-14T20:14:10.000000Z',826,'held','read back after 5 s',X'D7382CA49FDADF2363CA5092E1245161DE1349B26883603FE03949941C7AD0FA');
INSERT INTO "outcome" VALUES('home',881,'2026-07-14T21:00:05.000000Z',878,'held','read back after 5 s',X'521732565425E28995E7F435D80B69D5616C78CC522A7149385F0EEE404D1BDE');
INSERT INTO "outcome" VALUES('home',1009,'2026-07-14T22:55:05.000000Z',1006,'held','read back after 5 s',X'F5B102A847A85A33044132FC1E9EB77662638E2D73539B8FC99504E603B2D718');
INSERT INTO "outcome" VALUES('home',2224,'2026-07-15T19:00:05.000000Z',2222,'held','read back after 5 s',X'F2391A6516746EC364BADB5BC99A8AD7E791D69112AA22EC2B1D63E182B9E1CF');
INSERT INTO "outcome" VALUES('home',2251,'2026-07-15T19:22:10.000000Z',2249,'held','read back after 5 s',X'BAD166D0FCEB2D6779C130D66ED193C66B1D2D6E9EB2DDE2219E72F4F44721F0');
INSERT INTO "outcome" VALUES('home',2356,'2026-07-15T21:00:05.000000Z',2353,'held','read back after 5 s',X'7325BFDF0F7031DA0FAEA406869D13118CB6D257191B9083558DA5F4DBD34816');
INSERT INTO "outcome" VALUES('home',2484,'2026-07-15T22:55:05.000000Z',2481,'held','read back after 5 s',X'1060F53BF423475746E2D3594A7409D63EBC60E691B0326AB52D4A911DF158E7');
INSERT INTO "outcome" VALUES('home',3697,'2026-07-16T19:00:05.000000Z',3695,'held','read back after 5 s',X'4BEAC2353D5352073A0CC98FB5C080233D7F07295D9D9A80AA59118E107AE102');
INSERT INTO "outcome" VALUES('home',3728,'2026-07-16T19:26:10.000000Z',3726,'held','read back after 5 s',X'3CC31745FFC6BD23CE27D7D2D56C176A8EB628569FEBF05ADF805E3959F433ED');
INSERT INTO "outcome" VALUES('home',3755,'2026-07-16T19:47:15.000000Z',3752,'held','read back after 5 s',X'F784F7EB22F83316023542F4D4EB9FE9A9FD0C55D7551C43C7C3FB0AB61B5F66');
INSERT INTO "outcome" VALUES('home',3834,'2026-07-16T21:00:05.000000Z',3831,'held','read back after 5 s',X'E30A6DFFF7F459DA992704974FE787D0C403C0188A9B930E0639A5E40D936228');
INSERT INTO "outcome" VALUES('home',3961,'2026-07-16T22:55:05.000000Z',3958,'held','read back after 5 s',X'5EEB3C91EE62B9A69F720F529F9B2DA14C513A9F042A9FB23B5C4830C5F2C9E1');
INSERT INTO "outcome" VALUES('home',4273,'2026-07-17T04:00:05.000000Z',4270,'held','read back after 5 s',X'F2192DE72909084AF01C9B8D6D4DFCCD8F21DC76114E859EC6CCCBB598AD4E01');
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
INSERT INTO "rule_files" VALUES('home',2,'2026-07-14T07:00:00.000000Z',1,'c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','{"rules":[{"name":"home.toml","text":"#:schema ./rules.schema.json\n# Southern California Edison, TOU-D-PRIME: on-peak 4 pm to 9 pm on summer weekdays, mid-peak in the\n# same hours on other days. Buying late, when the sun has shown what it can do, lets the state of\n# energy stand in for a forecast. Needs a site that may charge from the grid; try it with\n# `pwsched run --dry-run` before it touches the house.\nlanguage = 1\ntariff   = \"sce-tou-d-prime\"\n\n[default]\nmode    = \"self_consumption\"\nreserve = 20\n\n[[rule]]\nname  = \"half full by two\"\nwhile = { time = \"12:00-14:00\" }\nset   = { battery = \"charge\", to = 60 }\n\n[[rule]]\nname  = \"full before the peak\"\nwhile = { time = \"14:00-15:55\" }             # not 16:00: clocks differ, and a write takes its time\nset   = { battery = \"charge\", to = 100 }\n\n[[rule]]\nname  = \"keep the rest of a low battery for the night\"\nwhile = { time = \"21:00-06:00\", soe_below = 30 }\nset   = { battery = \"hold\" }\n\n[[rule]]\nname = \"firmware before the peak\"\nwhen = { before = \"peak\", lead = \"60m\" }\ndo   = \"firmware-check\"\n"}],"tariff":{"name":"sce-tou-d-prime.toml","text":"# Southern California Edison, Schedule TOU-D-PRIME. US dollars a bundled kilowatt hour: delivery and generation, with\n# the fixed recovery charge and the state energy surcharge; without baseline credit and fixed charges.\ntitle    = \"SCE TOU-D-PRIME\"\nsource   = \"SCE Schedule TOU-D, Advice 5555-E effective 2025-06-01; Advice 5725-E (winter rows) effective 2026-01-01; Advice 5829-E effective 2026-06-01\"\ntimezone = \"America/Los_Angeles\"\ncurrency = \"USD\"\n\n[seasons]\nsummer = \"06-01..09-30\"\nwinter = \"10-01..05-31\"\n\n# Sheet 13: priced as weekends; a Sunday holiday also makes the Monday one, a Saturday moves nothing.\n[holidays]\ndays = [\n  \"01-01\", \"3rd-mon-feb\", \"last-mon-may\", \"07-04\",\n  \"1st-mon-sep\", \"11-11\", \"4th-thu-nov\", \"12-25\",\n]\nsunday_to_monday = true\n\n[[periods.summer]]\nperiod = \"on-peak\"\ndays   = \"workdays\"\ntime   = \"16:00-21:00\"\n\n[[periods.summer]]\nperiod = \"mid-peak\"\ndays   = [\"weekends\", \"holidays\"]\ntime   = \"16:00-21:00\"\n\n[[periods.summer]]\nperiod = \"off-peak\"\ntime   = \"21:00-16:00\"\n\n[[periods.winter]]\nperiod = \"mid-peak\"\ntime   = \"16:00-21:00\"\n\n[[periods.winter]]\nperiod = \"off-peak\"\ntime   = \"21:00-08:00\"\n\n[[periods.winter]]\nperiod = \"super-off-peak\"\ntime   = \"08:00-16:00\"\n\n[[prices]]\neffective = \"2025-06-01\"\nsummer = { on-peak = 0.56238, mid-peak = 0.37998, off-peak = 0.26192 }\nwinter = { mid-peak = 0.53210, off-peak = 0.24360, super-off-peak = 0.24360 }\n\n[[prices]]\neffective = \"2026-01-01\"\nwinter = { mid-peak = 0.57229, off-peak = 0.25392, super-off-peak = 0.25392 }\n\n[[prices]]\neffective = \"2026-06-01\"\nsummer = { on-peak = 0.59940, mid-peak = 0.40831, off-peak = 0.27347 }\nwinter = { mid-peak = 0.57295, off-peak = 0.25282, super-off-peak = 0.25282 }\n"}}',X'9DF8B11DFA6D78E377B30168787BC55A99C70B06F79303B39455D2C6EEC2F3AE');
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
INSERT INTO "run" VALUES('home',1,'2026-07-14T07:00:00.000000Z','1.2.0','boot:1',0,'c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6',X'457D8E982CE53D6CE83CD8895B8DC65F4F24DCC54315245B1B3678337D9041A8');
INSERT INTO "run" VALUES('home',2039,'2026-07-15T16:00:00.000000Z','1.2.0','boot:1',0,'c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6',X'A14A6AF300DB26CEB722C40CCAE5D42EF40189AC84FAE6C2359060ECA416F839');
INSERT INTO "run" VALUES('other',4456,'2026-07-01T12:00:00.000000Z','1.2.0','boot-1',0,'0123456789abcdef',X'EDC1E2422CF2A0DA8FE6A1A0037D60BA2BC4E88BD89314B1E2E8900EDB69072D');
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
INSERT INTO "run_end" VALUES('home',4455,'2026-07-17T07:00:00.000000Z',2039,'done',X'741B37960E9083782F6C18CCA6C5B1F60C3472BBEE0870AEDC7BAE15D9FF6136');
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
INSERT INTO "seal" VALUES('home',4457,'2026-07-19T07:00:00.000000Z',1,517,500,X'F0EF14B138B5056F4B5CA69DC46194459E567B7EC52706A83031DA7DB7B32F42',NULL,X'7F3437EC343E5DF9A81235504CF5DC8C9DC1F5184C5C25A8327E59D8623A4DA9');
INSERT INTO "seal" VALUES('home',4458,'2026-07-19T07:00:00.000000Z',518,1040,500,X'D71365699CC23D7C6C2EB29623F9F6399C5FF0B6A9588D4C6C33DF388B941EDA',NULL,X'D94487916748351DB4495CAA38D53C1E88AF9A542E3F56D1579ABACDA1FEBFD7');
INSERT INTO "seal" VALUES('home',4459,'2026-07-19T07:00:00.000000Z',1041,1541,500,X'02A3B915626CCD5498F3AB31CF1BDAAE6D8FB6912688589711B20743D063EC61',NULL,X'69C182A5E0A242ABFB44FBECC4EA10DE88429FD953D7CE8FC03125FA260E3FAD');
INSERT INTO "seal" VALUES('home',4460,'2026-07-19T07:00:00.000000Z',1542,2043,500,X'88D23AD143E8E34C12E9EA4FB1CDF2C9117A4DD82CEA38C01F8FC902BCE16449',NULL,X'A0D326E1EE5AF2BADD26638B3CBDF904592ACB6BF96F6C2E68D9D3242FE5F481');
INSERT INTO "seal" VALUES('home',4461,'2026-07-19T07:00:00.000000Z',2044,2565,500,X'4EA405E0BF9FDCCF60BA2B357D74BD341D3E92DDA917327E98161A57B3CF8C22',NULL,X'28FDE30A34005433E1754A3D4A4F08994CD91FCEA040F6D38E9D1435596DAB82');
INSERT INTO "seal" VALUES('home',4462,'2026-07-19T07:00:00.000000Z',2566,3066,500,X'9B1E6E50E9ADC82C69147B3EFF93D5C487C90A571DFBFD4F406F3F2ED3438455',NULL,X'30105975F1A6B79AA4507AF823725CEBE3EBC3B34418F9A5FB42A46AA726FC7E');
INSERT INTO "seal" VALUES('home',4463,'2026-07-19T07:00:00.000000Z',3067,3567,500,X'1A571E2F3EF2009FB5ED43C0DBE91ABE6E30FB26169FE0E776CEE7D45412DA73',NULL,X'ED039C29C8DFE87EE6CAF1021C336892A1AEA0B99730E6998B9B51D64736B3DC');
INSERT INTO "seal" VALUES('home',4464,'2026-07-19T07:00:00.000000Z',3568,4091,500,X'807038A441DBDC9D12113271C92DE2F9256262B84F75BC4EB7A154E237D77A15',NULL,X'FF2B77EAACCAF202DD55DEBF79F8223A7847425DB52FD458364D7054651731A6');
INSERT INTO "seal" VALUES('home',4465,'2026-07-19T07:00:00.000000Z',4092,4464,359,X'5F34A49557AA3D638718615402F283553C8CF899ADE392093D16945EE0A856F2',NULL,X'A53708A8996FE94E22E96E0E828208C07F722FE96B767986CBB5A906F54624B8');
INSERT INTO "seal" VALUES('home',4466,'2026-08-19T07:00:00.000000Z',1,517,109,X'53FCE7B55199713C3F72F8E7D16416970FB69CBB3C246094010ADF689CA6E0E1',4457,X'C56AA10767C6FF875DA1C08C4B28552332069E463757DC358A0C10E7C9A8EBAC');
INSERT INTO "seal" VALUES('home',4467,'2026-08-19T07:00:00.000000Z',518,1040,117,X'1A85EFB4A3DA3288083A9860947AE519CE75154DAD7AA952A7DE13F343E7A8F2',4458,X'CFD9CB639768A0B3AC823B363D8B951FCD4BFE0869E579D73D2982CCC3AECBB5');
INSERT INTO "seal" VALUES('home',4468,'2026-08-19T07:00:00.000000Z',1041,1541,103,X'0699ACFBF7249303BD458C6AE5659C65E71BEFF9788CA05870C6987435532412',4459,X'719CA31F05004F3E99CCB4BD9557CD3F6D9F763E263B8DBB391EFFC0F4DA127C');
INSERT INTO "seal" VALUES('home',4469,'2026-08-19T07:00:00.000000Z',1542,2043,105,X'D1561F6228496EDCA4A8C987262F2A703D02A0E4849228E0A67A240B53CA3DAD',4460,X'51C8F6DDC7F56880D84A25EDC001546978E4E27F8BBDAF3035623B0EE4049CCE');
INSERT INTO "seal" VALUES('home',4470,'2026-08-19T07:00:00.000000Z',2044,2565,116,X'231CEBA4D3E1596E1B8547A57DBE318EB5E4E787A50A2D73353B8CCD37C9AB19',4461,X'FFDDBF9A42094F3CE41C8D375443F639E9280815E575E92C9C95CF4C417FC719');
INSERT INTO "seal" VALUES('home',4471,'2026-08-19T07:00:00.000000Z',2566,3066,103,X'C2F27B9721B93B6E9AE138E4D542C20C03848C1542524CA4A90534E9C86CB98D',4462,X'CBCDA96EBF0ADE6463DED30780BC73554626494C68B6A6DA867080BABDE4C45D');
INSERT INTO "seal" VALUES('home',4472,'2026-08-19T07:00:00.000000Z',3067,3567,103,X'4BC9FD663C6281F9B45F93346E10B408E20BBA7B9D2A98E3415FA48EB49C6AA8',4463,X'39F9D89059E51CB12A3C69A5B71100EB792FE6BE557B36A729CB0C9DE675BBE8');
INSERT INTO "seal" VALUES('home',4473,'2026-08-19T07:00:00.000000Z',3568,4091,116,X'D6A4BCD36D71A60706A80AEE803D198A4DFACEC16C61DD4FEF31D4AC5404DA59',4464,X'54EB0B5218FA63838ECC33662458AAC13980337D399C6400E3A61726369D0FEC');
INSERT INTO "seal" VALUES('home',4474,'2026-08-19T07:00:00.000000Z',4092,4464,78,X'98956F3AA7A82AA37B8DC30110BE4C79E56439D3AF06A524F1684FD60D60BCE0',4465,X'E760E72FD1B944D0289F48719EBC90CF2B58A3E617018559249E1B7F564C5F0F');
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
