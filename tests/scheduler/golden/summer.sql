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
INSERT INTO "capability" VALUES('home',3,'2026-07-14T07:00:00.000000Z',1,'1.49.0 f7d0c6a1','installer',NULL,1,NULL,'{"export":[],"grid_charging":[],"modes":["self_consumption","backup","autonomous"],"reserve_ceiling":100,"together":["mode","reserve"],"unreadable":[]}','2026-07-05 01:00:00 +0800',X'6B530A8F91AEC7122F260409347B5AB3DBA9D0FD0FF8125A858B5568A4F04D81');
INSERT INTO "capability" VALUES('home',10,'2026-07-14T07:00:00.000000Z',1,'1.49.0 f7d0c6a1','installer',1,1,NULL,'{"export":[],"grid_charging":[],"modes":["self_consumption","backup","autonomous"],"reserve_ceiling":100,"together":["mode","reserve"],"unreadable":[]}','2026-07-05 01:00:00 +0800',X'2C08F6E8720AB663BE4C76CA5A2A14C9433BA673349ECA6088B70B5B8DC40886');
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
INSERT INTO "decision" VALUES('home',7,'2026-07-14T07:00:00.000000Z',1,'self_consumption',20,NULL,NULL,'{"mode":"default","reserve":"default"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 20 % by default','{"fired":{},"rules":{"keep the rest of a low battery for the night":{"active":false,"captured":null,"held":[],"holds":false,"holds_since":"2026-07-14T07:00:00+00:00","since":"2026-07-14T07:00:00+00:00","unknown_since":null}},"settled":{},"since":"2026-07-14T07:00:00+00:00","turns":{}}','the gateway has another setting',X'9EC577117072FB61D35C32882DCC54B8296E1A26B31C1EECC08E74A7063FECA4');
INSERT INTO "decision" VALUES('home',285,'2026-07-14T11:32:05.000000Z',1,'self_consumption',29,NULL,NULL,'{"mode":"keep the rest of a low battery for the night","reserve":"keep the rest of a low battery for the night"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 29 % by "keep the rest of a low battery for the night", hold the battery: time Tue 04:32 (21:00-06:00), soe_below 30.0 % (below 30 %)','{"fired":{},"rules":{"keep the rest of a low battery for the night":{"active":true,"captured":29,"held":["while.soe_below"],"holds":true,"holds_since":"2026-07-14T11:32:05+00:00","since":"2026-07-14T07:00:00+00:00","unknown_since":null}},"settled":{},"since":"2026-07-14T07:00:00+00:00","turns":{}}','state of the house',X'2DC97B9A55E4128914B613705BB3119FB480A6ADC98A4E67DC107B65D0CEFD7A');
INSERT INTO "decision" VALUES('home',378,'2026-07-14T13:00:00.000000Z',1,'self_consumption',20,NULL,NULL,'{"mode":"default","reserve":"default"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 20 % by default','{"fired":{},"rules":{},"settled":{},"since":"2026-07-14T07:00:00+00:00","turns":{}}','time boundary',X'30CCB907AC22C24D64EEA1208D46BE0BEB16E52C4EF915568A47F8AD8830AF9C');
INSERT INTO "decision" VALUES('home',745,'2026-07-14T19:00:00.000000Z',1,'backup',60,NULL,NULL,'{"mode":"half full by two","reserve":"half full by two"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','backup and reserve 60 % by "half full by two", charge to 60 %: time Tue 12:00 (12:00-14:00)','{"fired":{},"rules":{"half full by two":{"active":true,"captured":null,"held":[],"holds":true,"holds_since":"2026-07-14T19:00:00+00:00","since":"2026-07-14T19:00:00+00:00","unknown_since":null}},"settled":{},"since":"2026-07-14T07:00:00+00:00","turns":{}}','time boundary',X'20BA5E888290C6732DDB82129E160A87CB098173831DDC35E900676E60873EBC');
INSERT INTO "decision" VALUES('home',826,'2026-07-14T20:14:05.000000Z',1,'self_consumption',60,NULL,NULL,'{"mode":"half full by two","reserve":"half full by two"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 60 % by "half full by two", charge to 60 %: time Tue 13:14 (12:00-14:00)','{"fired":{},"rules":{"half full by two":{"active":true,"captured":60,"held":[],"holds":true,"holds_since":"2026-07-14T19:00:00+00:00","since":"2026-07-14T19:00:00+00:00","unknown_since":null}},"settled":{},"since":"2026-07-14T07:00:00+00:00","turns":{}}','state of the house',X'9315137459495D12DB0EF6E8CFC1EE09D1E79599178A5C5BC800FEFDB2FBE8A8');
INSERT INTO "decision" VALUES('home',878,'2026-07-14T21:00:00.000000Z',1,'backup',100,NULL,NULL,'{"mode":"full before the peak","reserve":"full before the peak"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','backup and reserve 100 % by "full before the peak", charge to 100 %: time Tue 14:00 (14:00-15:55)','{"fired":{},"rules":{},"settled":{},"since":"2026-07-14T07:00:00+00:00","turns":{}}','time boundary',X'5716118BB93EC4D224E65DA666720C7223DD63DE5E553C86B4E39713EA374412');
INSERT INTO "decision" VALUES('home',946,'2026-07-14T22:00:00.000000Z',1,'backup',100,NULL,NULL,'{"mode":"full before the peak","reserve":"full before the peak"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','backup and reserve 100 % by "full before the peak", charge to 100 %: time Tue 15:00 (14:00-15:55)','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-14T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}','the gateway has another setting',X'601ABD6A66D02DA27010C5003BB2B256274EF51C991A7187BE80A6B64B8A86EF');
INSERT INTO "decision" VALUES('home',1006,'2026-07-14T22:55:00.000000Z',1,'self_consumption',20,NULL,NULL,'{"mode":"default","reserve":"default"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 20 % by default','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-14T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}','time boundary',X'1DCE038B8C9360AEBA1A23F21F09755D3F587CDE31CC5C464D88F86A9A351B74');
INSERT INTO "decision" VALUES('home',1318,'2026-07-15T04:00:00.000000Z',1,'self_consumption',20,NULL,NULL,'{"mode":"keep the rest of a low battery for the night","reserve":"keep the rest of a low battery for the night"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 20 % by "keep the rest of a low battery for the night", hold the battery: time Tue 21:00 (21:00-06:00), soe_below 20.0 % (below 30 %)','{"fired":{},"rules":{"keep the rest of a low battery for the night":{"active":true,"captured":20,"held":["while.soe_below"],"holds":true,"holds_since":"2026-07-15T04:00:00+00:00","since":"2026-07-15T04:00:00+00:00","unknown_since":null}},"settled":{"firmware before the peak":"2026-07-14T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}','the gateway has another setting',X'F528132C648DC26B7D4505A44686D5DC2DD63559A797EA0F71E42FB146AB7843');
INSERT INTO "decision" VALUES('home',1859,'2026-07-15T13:00:00.000000Z',1,'self_consumption',20,NULL,NULL,'{"mode":"default","reserve":"default"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 20 % by default','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-14T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}','the gateway has another setting',X'7A1CB43F8BA2757FE7B34DB2AE8293E38685E18F289EB57F69F62D8B8356EE13');
INSERT INTO "decision" VALUES('home',2223,'2026-07-15T19:00:00.000000Z',2040,'backup',60,NULL,NULL,'{"mode":"half full by two","reserve":"half full by two"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','backup and reserve 60 % by "half full by two", charge to 60 %: time Wed 12:00 (12:00-14:00)','{"fired":{},"rules":{"half full by two":{"active":true,"captured":null,"held":[],"holds":true,"holds_since":"2026-07-15T19:00:00+00:00","since":"2026-07-15T19:00:00+00:00","unknown_since":null}},"settled":{"firmware before the peak":"2026-07-14T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}','time boundary',X'DF76188FB6ADEF7F434277CD3B6376F6EBF01FCEADADB5421DDC53505970C957');
INSERT INTO "decision" VALUES('home',2250,'2026-07-15T19:22:05.000000Z',2040,'self_consumption',60,NULL,NULL,'{"mode":"half full by two","reserve":"half full by two"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 60 % by "half full by two", charge to 60 %: time Wed 12:22 (12:00-14:00)','{"fired":{},"rules":{"half full by two":{"active":true,"captured":60,"held":[],"holds":true,"holds_since":"2026-07-15T19:00:00+00:00","since":"2026-07-15T19:00:00+00:00","unknown_since":null}},"settled":{"firmware before the peak":"2026-07-14T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}','state of the house',X'68C24E89294DAB2BB4F4EA5379C598EEFA5B81C4344778B24E2BA46B3C00236A');
INSERT INTO "decision" VALUES('home',2354,'2026-07-15T21:00:00.000000Z',2040,'backup',100,NULL,NULL,'{"mode":"full before the peak","reserve":"full before the peak"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','backup and reserve 100 % by "full before the peak", charge to 100 %: time Wed 14:00 (14:00-15:55)','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-14T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}','time boundary',X'DC308BEECB9F7177433438D930C35CB7F7EFA63D87D6E3F9D8B9366383560824');
INSERT INTO "decision" VALUES('home',2422,'2026-07-15T22:00:00.000000Z',2040,'backup',100,NULL,NULL,'{"mode":"full before the peak","reserve":"full before the peak"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','backup and reserve 100 % by "full before the peak", charge to 100 %: time Wed 15:00 (14:00-15:55)','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-15T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}','the gateway has another setting',X'DE53D7DFB5F86AD77FE25979AD1F07043629D97208B24366C3F496820830223A');
INSERT INTO "decision" VALUES('home',2482,'2026-07-15T22:55:00.000000Z',2040,'self_consumption',20,NULL,NULL,'{"mode":"default","reserve":"default"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 20 % by default','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-15T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}','time boundary',X'54DFC7C444B88782CD0AB1BE3B4F3FDC0375D7EB5B697A1339138A6A76E19D8E');
INSERT INTO "decision" VALUES('home',2794,'2026-07-16T04:00:00.000000Z',2040,'self_consumption',20,NULL,NULL,'{"mode":"keep the rest of a low battery for the night","reserve":"keep the rest of a low battery for the night"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 20 % by "keep the rest of a low battery for the night", hold the battery: time Wed 21:00 (21:00-06:00), soe_below 20.0 % (below 30 %)','{"fired":{},"rules":{"keep the rest of a low battery for the night":{"active":true,"captured":20,"held":["while.soe_below"],"holds":true,"holds_since":"2026-07-16T04:00:00+00:00","since":"2026-07-16T04:00:00+00:00","unknown_since":null}},"settled":{"firmware before the peak":"2026-07-15T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}','the gateway has another setting',X'7C834068A00BE276DD96BE655609804D2C1D8E9DDFCC09E3FF8C4EF7474C7FBB');
INSERT INTO "decision" VALUES('home',3335,'2026-07-16T13:00:00.000000Z',2040,'self_consumption',20,NULL,NULL,'{"mode":"default","reserve":"default"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 20 % by default','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-15T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}','the gateway has another setting',X'16A4B12FC0DD36ED3EBF826D6CEAB0A4B3D4DB5B085D1792A4577919372419A1');
INSERT INTO "decision" VALUES('home',3696,'2026-07-16T19:00:00.000000Z',2040,'self_consumption',84,NULL,NULL,'{"mode":"half full by two","reserve":"half full by two"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 84 % by "half full by two", charge to 60 %: time Thu 12:00 (12:00-14:00)','{"fired":{},"rules":{"half full by two":{"active":true,"captured":84,"held":[],"holds":true,"holds_since":"2026-07-16T19:00:00+00:00","since":"2026-07-16T19:00:00+00:00","unknown_since":null}},"settled":{"firmware before the peak":"2026-07-15T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}','time boundary',X'DE53975CE4DA660D2C35F3DF03E581E3A7BE69480C669669DB86A1DF0601CDFC');
INSERT INTO "decision" VALUES('home',3727,'2026-07-16T19:26:05.000000Z',2040,'self_consumption',94,NULL,NULL,'{"mode":"half full by two","reserve":"half full by two"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 94 % by "half full by two", charge to 60 %: time Thu 12:26 (12:00-14:00)','{"fired":{},"rules":{"half full by two":{"active":true,"captured":94,"held":[],"holds":true,"holds_since":"2026-07-16T19:00:00+00:00","since":"2026-07-16T19:00:00+00:00","unknown_since":null}},"settled":{"firmware before the peak":"2026-07-15T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}','state of the house',X'7C7C8B7C8D9D314DFF597624EEFE1BB1472A55F1649E7BC18A3C676D67D39606');
INSERT INTO "decision" VALUES('home',3753,'2026-07-16T19:47:10.000000Z',2040,'self_consumption',100,NULL,NULL,'{"mode":"half full by two","reserve":"half full by two"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 100 % by "half full by two", charge to 60 %: time Thu 12:47 (12:00-14:00)','{"fired":{},"rules":{"half full by two":{"active":true,"captured":100,"held":[],"holds":true,"holds_since":"2026-07-16T19:00:00+00:00","since":"2026-07-16T19:00:00+00:00","unknown_since":null}},"settled":{"firmware before the peak":"2026-07-15T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}','state of the house',X'1FBE4C32ACBF7FE304821D9BAEC40CF5AE8944FDCAED76CFA82C0D2D55049A06');
INSERT INTO "decision" VALUES('home',3832,'2026-07-16T21:00:00.000000Z',2040,'backup',100,NULL,NULL,'{"mode":"full before the peak","reserve":"full before the peak"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','backup and reserve 100 % by "full before the peak", charge to 100 %: time Thu 14:00 (14:00-15:55)','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-15T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}','time boundary',X'D6E457D7181DC14042EC1A8EC4AFD0CED089E7A7B3DCAFB7B5D3796573FC1816');
INSERT INTO "decision" VALUES('home',3899,'2026-07-16T22:00:00.000000Z',2040,'backup',100,NULL,NULL,'{"mode":"full before the peak","reserve":"full before the peak"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','backup and reserve 100 % by "full before the peak", charge to 100 %: time Thu 15:00 (14:00-15:55)','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-16T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}','the gateway has another setting',X'8FB0D60C9B8F445074106A5DEBCAAD47A205906905D81F30AD4B20EBE8D11E80');
INSERT INTO "decision" VALUES('home',3959,'2026-07-16T22:55:00.000000Z',2040,'self_consumption',20,NULL,NULL,'{"mode":"default","reserve":"default"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 20 % by default','{"fired":{},"rules":{},"settled":{"firmware before the peak":"2026-07-16T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}','time boundary',X'8EDDC75743AFC73B75CBB4B1E9A3E1F3FEB0F8BBB9F00C87755956A6F1977546');
INSERT INTO "decision" VALUES('home',4271,'2026-07-17T04:00:00.000000Z',2040,'self_consumption',23,NULL,NULL,'{"mode":"keep the rest of a low battery for the night","reserve":"keep the rest of a low battery for the night"}','c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','self_consumption and reserve 23 % by "keep the rest of a low battery for the night", hold the battery: time Thu 21:00 (21:00-06:00), soe_below 23.2 % (below 30 %)','{"fired":{},"rules":{"keep the rest of a low battery for the night":{"active":true,"captured":23,"held":["while.soe_below"],"holds":true,"holds_since":"2026-07-17T04:00:00+00:00","since":"2026-07-17T04:00:00+00:00","unknown_since":null}},"settled":{"firmware before the peak":"2026-07-16T22:00:00+00:00"},"since":"2026-07-14T07:00:00+00:00","turns":{}}','time boundary',X'110755BCA843EA01F60200D5D655038D1C2F291E80DAFE762C6C8804B7CE98B2');
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
INSERT INTO "effect" VALUES('home',405,'2026-07-14T13:22:05.000000Z',1,379,'confirmed','at SOE 26.0 % and 3726 W of load the battery discharges 3689 W',X'79025518F4DDE86B9668D8082CE15B797CEFB1949FEC1C1739EE82FB57575F11');
INSERT INTO "effect" VALUES('home',779,'2026-07-14T19:29:05.000000Z',1,746,'confirmed','at SOE 41.6 % and 2953 W of load the battery charges 3300 W, 3977 W come from the grid',X'0EA743AB4388FD5BA55C6F13B9DF3DE8782A37B4D9FB1AA2E79FC92659A8750A');
INSERT INTO "effect" VALUES('home',847,'2026-07-14T20:31:10.000000Z',1,827,'confirmed','at SOE 62.0 % and 3201 W of load the battery discharges 1179 W',X'61208E58B687ECEE1909CB940A108F67B8DC36667A6D572294618E33707A1F45');
INSERT INTO "effect" VALUES('home',925,'2026-07-14T21:42:05.000000Z',1,879,'confirmed','at SOE 79.7 % and 3334 W of load the battery charges 3300 W, 4354 W come from the grid',X'D669BC6C06663AEF7016974BFA975B83F374DF7A9394AA52A604F8F7184C6D7E');
INSERT INTO "effect" VALUES('home',1015,'2026-07-14T22:59:05.000000Z',1,1007,'confirmed','at SOE 99.0 % and 3713 W of load the battery discharges 1650 W',X'4A311289119EA73966AAAA1E347D25B64361950CAFDAD23B78194940F3165C78');
INSERT INTO "effect" VALUES('home',2323,'2026-07-15T20:31:10.000000Z',2040,2251,'confirmed','at SOE 66.3 % and 2519 W of load the battery discharges 509 W',X'71681828F629899F1BE557BCD8A35D421748B8EB76256034B3600B3EF2504EA6');
INSERT INTO "effect" VALUES('home',2371,'2026-07-15T21:12:05.000000Z',2040,2355,'confirmed','at SOE 70.2 % and 2637 W of load the battery charges 3300 W, 3998 W come from the grid',X'2F4F531CB2104B5818332338F2122449EA4BD37ECB405C812102ECCCD0534668');
INSERT INTO "effect" VALUES('home',2491,'2026-07-15T22:59:05.000000Z',2040,2483,'confirmed','at SOE 99.0 % and 2999 W of load the battery discharges 1598 W',X'404C14CC840B0E13E1A613E10104A02003E9023C18DAA243E190C934442E390A');
INSERT INTO "effect" VALUES('home',3991,'2026-07-16T23:22:05.000000Z',2040,3960,'confirmed','at SOE 99.5 % and 4724 W of load the battery discharges 1670 W',X'EDB88BBCDC812F59880F1544FDCF8A5187EEA8D73FE9F203E49E12D6A2AF3CA6');
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
INSERT INTO "event" VALUES('home',944,'2026-07-14T22:00:00.000000Z',1,'firmware before the peak','2026-07-14T22:00:00.000000Z','firmware-check','fired',X'D7485BF7C28F2EC1783E054C048F997CC2E360E4B19F64889D54DC73165244A3');
INSERT INTO "event" VALUES('home',2420,'2026-07-15T22:00:00.000000Z',2040,'firmware before the peak','2026-07-15T22:00:00.000000Z','firmware-check','fired',X'2ABFF95B7A7C0C584406F6113A5CEC22888EDB777F0AEB434465BC8401A4E3FB');
INSERT INTO "event" VALUES('home',3897,'2026-07-16T22:00:00.000000Z',2040,'firmware before the peak','2026-07-16T22:00:00.000000Z','firmware-check','fired',X'44E6013676A4BB965F12DA9BB2BA5893AB0EB87DF8A4FDA91ACB665DDD8C1502');
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
INSERT INTO "firmware_check" VALUES('home',950,'2026-07-14T22:00:45.000000Z',1,944,'nothing newer','/update_succeeded nonactionable','1.49.0 f7d0c6a1','the gateway has the newest firmware',X'E66741E55CC699802D95FE6615C838DCC745FF955587EBD2600CE1DC5BB90DE4');
INSERT INTO "firmware_check" VALUES('home',2426,'2026-07-15T22:00:45.000000Z',2040,2420,'nothing newer','/update_succeeded nonactionable','1.49.0 f7d0c6a1','the gateway has the newest firmware',X'0689EB66B41FB85C3F91FFD0A9F77754BB568C004BB24AACC483B0F05C33DCCA');
INSERT INTO "firmware_check" VALUES('home',3903,'2026-07-16T22:00:45.000000Z',2040,3897,'nothing newer','/update_succeeded nonactionable','1.49.0 f7d0c6a1','the gateway has the newest firmware',X'078D9D489B463ED49F62FAD449FE68703C5FAF70C358C7EB344FF02ED2095275');
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
INSERT INTO "input" VALUES('home',4,'2026-07-14T07:00:00.000000Z',1,'levers','{"export":[],"grid_charging":[],"modes":["self_consumption","backup","autonomous"],"reserve_ceiling":100,"together":["mode","reserve"],"unreadable":[]}');
INSERT INTO "input" VALUES('home',5,'2026-07-14T07:00:00.000000Z',1,'limits','{"export":"battery_ok","grid_charging":true,"reserve_floor":5}');
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
INSERT INTO "intent" VALUES('home',8,'2026-07-14T07:00:00.000000Z',1,7,'self_consumption',20,NULL,NULL,'self_consumption',20,NULL,NULL,'finding out whether this account may write','self_consumption and reserve 20 % by default',0,X'B6DEBA7F0D157C8A3D036DE8A9B75E2A9B67470DF685DD6335EA2461D8CE9FA1');
INSERT INTO "intent" VALUES('home',286,'2026-07-14T11:32:05.000000Z',1,285,'self_consumption',20,NULL,NULL,'self_consumption',29,NULL,NULL,'state of the house','self_consumption and reserve 29 % by "keep the rest of a low battery for the night", hold the battery: time Tue 04:32 (21:00-06:00), soe_below 30.0 % (below 30 %)',0,X'7104FE84BE9EA0157C2CEBC7647DBC32164F9ED49C7F5ECEBD6102D4AC18DE2B');
INSERT INTO "intent" VALUES('home',379,'2026-07-14T13:00:00.000000Z',1,378,'self_consumption',29,NULL,NULL,'self_consumption',20,NULL,NULL,'time boundary','self_consumption and reserve 20 % by default',0,X'71C33D6BC9511E10A07FA68B6EE85AADABCCA57A32DA173762B94D01D927D619');
INSERT INTO "intent" VALUES('home',746,'2026-07-14T19:00:00.000000Z',1,745,'self_consumption',20,NULL,NULL,'backup',60,NULL,NULL,'time boundary','backup and reserve 60 % by "half full by two", charge to 60 %: time Tue 12:00 (12:00-14:00)',0,X'F0838746339414E916FAAA8BC5544A45943B464D928DAFB43DC9BB2DC5C4971A');
INSERT INTO "intent" VALUES('home',827,'2026-07-14T20:14:05.000000Z',1,826,'backup',60,NULL,NULL,'self_consumption',60,NULL,NULL,'state of the house','self_consumption and reserve 60 % by "half full by two", charge to 60 %: time Tue 13:14 (12:00-14:00)',0,X'EA145E719C3DA406B4441FAB7346E23003690ABEA7EC37EF957C1C59E1129442');
INSERT INTO "intent" VALUES('home',879,'2026-07-14T21:00:00.000000Z',1,878,'self_consumption',60,NULL,NULL,'backup',100,NULL,NULL,'time boundary','backup and reserve 100 % by "full before the peak", charge to 100 %: time Tue 14:00 (14:00-15:55)',0,X'3EF904CEB73953BF7B4CAB42DFCC5D1404D4196798F2180C77949074ED772A86');
INSERT INTO "intent" VALUES('home',1007,'2026-07-14T22:55:00.000000Z',1,1006,'backup',100,NULL,NULL,'self_consumption',20,NULL,NULL,'time boundary','self_consumption and reserve 20 % by default',0,X'E79384CB6F035A033C4B108CB740E6ACFC04CDB3E2022B9CFFD0BFD0485A819E');
INSERT INTO "intent" VALUES('home',2224,'2026-07-15T19:00:00.000000Z',2040,2223,'self_consumption',20,NULL,NULL,'backup',60,NULL,NULL,'time boundary','backup and reserve 60 % by "half full by two", charge to 60 %: time Wed 12:00 (12:00-14:00)',0,X'D8D1A8D2BD1B3476A908B94976A9E6FD01ADFAB8075E98420435E7FEF3499428');
INSERT INTO "intent" VALUES('home',2251,'2026-07-15T19:22:05.000000Z',2040,2250,'backup',60,NULL,NULL,'self_consumption',60,NULL,NULL,'state of the house','self_consumption and reserve 60 % by "half full by two", charge to 60 %: time Wed 12:22 (12:00-14:00)',0,X'71C2B5D7CE9D19352690821075AAB31E6B05ABEE9FA66E43CF7C251DCAAB56EA');
INSERT INTO "intent" VALUES('home',2355,'2026-07-15T21:00:00.000000Z',2040,2354,'self_consumption',60,NULL,NULL,'backup',100,NULL,NULL,'time boundary','backup and reserve 100 % by "full before the peak", charge to 100 %: time Wed 14:00 (14:00-15:55)',0,X'3FDE7D3C269A72BF44DDE7122AB9C0BCAC66C9EB931FEE3E0717A59A9C897C6B');
INSERT INTO "intent" VALUES('home',2483,'2026-07-15T22:55:00.000000Z',2040,2482,'backup',100,NULL,NULL,'self_consumption',20,NULL,NULL,'time boundary','self_consumption and reserve 20 % by default',0,X'71966A3780221D94638AE844C536F163A32E165A588FC4BE0888F079A5EAF010');
INSERT INTO "intent" VALUES('home',3697,'2026-07-16T19:00:00.000000Z',2040,3696,'self_consumption',20,NULL,NULL,'self_consumption',84,NULL,NULL,'time boundary','self_consumption and reserve 84 % by "half full by two", charge to 60 %: time Thu 12:00 (12:00-14:00)',0,X'3F0AC6BD4FC1CAE59D382150A860341B8003D261BBF84A351D3460C1AC35B8DB');
INSERT INTO "intent" VALUES('home',3728,'2026-07-16T19:26:05.000000Z',2040,3727,'self_consumption',84,NULL,NULL,'self_consumption',94,NULL,NULL,'state of the house','self_consumption and reserve 94 % by "half full by two", charge to 60 %: time Thu 12:26 (12:00-14:00)',0,X'EDDC3B972874C78BF0D9C1A6C6893F0CC0C0BF2F4437F3287B79C43BB5563C2A');
INSERT INTO "intent" VALUES('home',3754,'2026-07-16T19:47:10.000000Z',2040,3753,'self_consumption',94,NULL,NULL,'self_consumption',100,NULL,NULL,'state of the house','self_consumption and reserve 100 % by "half full by two", charge to 60 %: time Thu 12:47 (12:00-14:00)',0,X'0B8CF87B0386B045FDEE62134A31438DFF3C368CECF55DBF32138E7FA0B1DB91');
INSERT INTO "intent" VALUES('home',3833,'2026-07-16T21:00:00.000000Z',2040,3832,'self_consumption',100,NULL,NULL,'backup',100,NULL,NULL,'time boundary','backup and reserve 100 % by "full before the peak", charge to 100 %: time Thu 14:00 (14:00-15:55)',0,X'B968FC74546695E1BFE111B97E4E5D32D0A22F0D683E17AE249CB93D7139590D');
INSERT INTO "intent" VALUES('home',3960,'2026-07-16T22:55:00.000000Z',2040,3959,'backup',100,NULL,NULL,'self_consumption',20,NULL,NULL,'time boundary','self_consumption and reserve 20 % by default',0,X'E768A4E22C8F6971235B72CB88CDAAF7CA3F6D0F9E8569CFD8D477C4C0EE8CA6');
INSERT INTO "intent" VALUES('home',4272,'2026-07-17T04:00:00.000000Z',2040,4271,'self_consumption',20,NULL,NULL,'self_consumption',23,NULL,NULL,'time boundary','self_consumption and reserve 23 % by "keep the rest of a low battery for the night", hold the battery: time Thu 21:00 (21:00-06:00), soe_below 23.2 % (below 30 %)',0,X'1CEE1CABC742C4B820134061F9634F711490894B2544B3B8FF98E159999557D5');
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
INSERT INTO "observation" VALUES('home',6,'2026-07-14T07:00:00.000000Z',1,'2026-07-14T07:00:00.000000Z',45.0,0.0,674.41,674.41,0.0,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{}',NULL);
INSERT INTO "observation" VALUES('home',12,'2026-07-14T07:00:05.000000Z',1,'2026-07-14T07:00:05.000000Z',4.49926862706225847441e+01,0.0,674.41,674.41,0.0,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T07:00:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',284,'2026-07-14T11:32:05.000000Z',1,'2026-07-14T11:32:05.000000Z',2.99575190731964617896e+01,0.0,431.81,431.81,0.0,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T11:30:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',289,'2026-07-14T11:32:10.000000Z',1,'2026-07-14T11:32:10.000000Z',2.99528362796642149135e+01,0.0,431.81,431.81,0.0,'SystemGridConnected',0,'self_consumption',29.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T11:30:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',377,'2026-07-14T13:00:00.000000Z',1,'2026-07-14T13:00:00.000000Z',29.0,717.44,0.0,724.27,6.84,'SystemGridConnected',0,'self_consumption',29.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T12:45:10.000000Z","mode":"2026-07-14T12:58:10.000000Z","reserve":"2026-07-14T12:58:10.000000Z","running":"2026-07-14T12:58:10.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',380,'2026-07-14T13:00:00.000000Z',1,'2026-07-14T13:00:00.000000Z',29.0,717.44,0.0,724.27,6.84,'SystemGridConnected',0,'self_consumption',29.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-14T13:00:00.000000Z","firmware":"2026-07-14T12:45:10.000000Z","grid":"2026-07-14T13:00:00.000000Z","grid_services":"2026-07-14T13:00:00.000000Z","load_power":"2026-07-14T13:00:00.000000Z","site_power":"2026-07-14T13:00:00.000000Z","soe":"2026-07-14T13:00:00.000000Z","solar_power":"2026-07-14T13:00:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',383,'2026-07-14T13:00:05.000000Z',1,'2026-07-14T13:00:05.000000Z',2.89922197175776332747e+01,0.0,717.44,724.27,6.84,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T12:45:10.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',406,'2026-07-14T13:22:05.000000Z',1,'2026-07-14T13:22:05.000000Z',2.59652620144887151813e+01,0.0,3689.22,3726.42,37.2,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T13:16:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',517,'2026-07-14T15:13:05.000000Z',1,'2026-07-14T15:13:05.000000Z',20.0,834.83,0.0,1388.09,553.26,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T15:01:05.000000Z","mode":"2026-07-14T15:12:05.000000Z","reserve":"2026-07-14T15:12:05.000000Z","running":"2026-07-14T15:12:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',518,'2026-07-14T15:14:05.000000Z',1,'2026-07-14T15:14:05.000000Z',20.0,726.96,0.0,1379.35,652.38,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T15:01:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',744,'2026-07-14T19:00:00.000000Z',1,'2026-07-14T19:00:00.000000Z',2.78508771573550717448e+01,0.0,132.82,2730.07,2597.25,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T18:46:05.000000Z","mode":"2026-07-14T18:58:05.000000Z","reserve":"2026-07-14T18:58:05.000000Z","running":"2026-07-14T18:58:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',747,'2026-07-14T19:00:00.000000Z',1,'2026-07-14T19:00:00.000000Z',2.78508771573550717448e+01,0.0,132.82,2730.07,2597.25,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-14T19:00:00.000000Z","firmware":"2026-07-14T18:46:05.000000Z","grid":"2026-07-14T19:00:00.000000Z","grid_services":"2026-07-14T19:00:00.000000Z","load_power":"2026-07-14T19:00:00.000000Z","site_power":"2026-07-14T19:00:00.000000Z","soe":"2026-07-14T19:00:00.000000Z","solar_power":"2026-07-14T19:00:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',750,'2026-07-14T19:00:05.000000Z',1,'2026-07-14T19:00:05.000000Z',2.7883085540930864e+01,3432.82,-3300.0,2730.07,2597.25,'SystemGridConnected',0,'backup',60.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T18:46:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',780,'2026-07-14T19:29:05.000000Z',1,'2026-07-14T19:29:05.000000Z',4.15730887755850062612e+01,3976.55,-3300.0,2952.6,2276.06,'SystemGridConnected',0,'backup',60.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T19:16:05.000000Z","mode":"2026-07-14T19:28:05.000000Z","reserve":"2026-07-14T19:28:05.000000Z","running":"2026-07-14T19:28:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',825,'2026-07-14T20:14:05.000000Z',1,'2026-07-14T20:14:05.000000Z',6.02331999551935481918e+01,3300.0,-4082.62,3025.17,3807.79,'SystemGridConnected',0,'backup',60.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T20:01:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',830,'2026-07-14T20:14:10.000000Z',1,'2026-07-14T20:14:10.000000Z',6.02408383974399725974e+01,0.0,-782.62,3025.17,3807.79,'SystemGridConnected',0,'self_consumption',60.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T20:01:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',848,'2026-07-14T20:31:10.000000Z',1,'2026-07-14T20:31:10.000000Z',6.20413225873150935268e+01,0.0,1179.18,3201.37,2022.19,'SystemGridConnected',0,'self_consumption',60.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"mode":"2026-07-14T20:30:10.000000Z","reserve":"2026-07-14T20:30:10.000000Z","running":"2026-07-14T20:30:10.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',877,'2026-07-14T21:00:00.000000Z',1,'2026-07-14T21:00:00.000000Z',60.0,363.31,0.0,3214.18,2850.88,'SystemGridConnected',0,'self_consumption',60.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T20:46:10.000000Z","mode":"2026-07-14T20:58:10.000000Z","reserve":"2026-07-14T20:58:10.000000Z","running":"2026-07-14T20:58:10.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',880,'2026-07-14T21:00:00.000000Z',1,'2026-07-14T21:00:00.000000Z',60.0,363.31,0.0,3214.18,2850.88,'SystemGridConnected',0,'self_consumption',60.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-14T21:00:00.000000Z","firmware":"2026-07-14T20:46:10.000000Z","grid":"2026-07-14T21:00:00.000000Z","grid_services":"2026-07-14T21:00:00.000000Z","load_power":"2026-07-14T21:00:00.000000Z","site_power":"2026-07-14T21:00:00.000000Z","soe":"2026-07-14T21:00:00.000000Z","solar_power":"2026-07-14T21:00:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',883,'2026-07-14T21:00:05.000000Z',1,'2026-07-14T21:00:05.000000Z',60.0322083835758,3663.31,-3300.0,3214.18,2850.88,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T20:46:10.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',926,'2026-07-14T21:42:05.000000Z',1,'2026-07-14T21:42:05.000000Z',7.97480467019609733352e+01,4353.5,-3300.0,3334.35,2280.85,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T21:32:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',945,'2026-07-14T22:00:00.000000Z',1,'2026-07-14T22:00:00.000000Z',8.68369099544955247438e+01,4252.61,-3300.0,3325.86,2373.25,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T21:47:05.000000Z","mode":"2026-07-14T21:58:05.000000Z","reserve":"2026-07-14T21:58:05.000000Z","running":"2026-07-14T21:58:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',949,'2026-07-14T22:00:45.000000Z',1,'2026-07-14T22:00:45.000000Z',8.71267854066776408199e+01,4252.61,-3300.0,3325.86,2373.25,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T21:47:05.000000Z","mode":"2026-07-14T22:00:15.000000Z","reserve":"2026-07-14T22:00:15.000000Z","running":"2026-07-14T22:00:15.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1005,'2026-07-14T22:55:00.000000Z',1,'2026-07-14T22:55:00.000000Z',100.0,1997.35,0.0,3620.63,1623.27,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T22:47:45.000000Z","mode":"2026-07-14T22:54:45.000000Z","reserve":"2026-07-14T22:54:45.000000Z","running":"2026-07-14T22:54:45.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1008,'2026-07-14T22:55:00.000000Z',1,'2026-07-14T22:55:00.000000Z',100.0,1997.35,0.0,3620.63,1623.27,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-14T22:55:00.000000Z","firmware":"2026-07-14T22:47:45.000000Z","grid":"2026-07-14T22:55:00.000000Z","grid_services":"2026-07-14T22:55:00.000000Z","load_power":"2026-07-14T22:55:00.000000Z","site_power":"2026-07-14T22:55:00.000000Z","soe":"2026-07-14T22:55:00.000000Z","solar_power":"2026-07-14T22:55:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1011,'2026-07-14T22:55:05.000000Z',1,'2026-07-14T22:55:05.000000Z',9.99783395470864206817e+01,0.0,1997.35,3620.63,1623.27,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T22:47:45.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1016,'2026-07-14T22:59:05.000000Z',1,'2026-07-14T22:59:05.000000Z',9.8977333252780226756e+01,0.0,1650.28,3713.12,2062.85,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T22:47:45.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1040,'2026-07-14T23:23:05.000000Z',1,'2026-07-14T23:23:05.000000Z',9.25720137974455354896e+01,2.57,5000.0,6188.14,1185.57,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T23:18:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1041,'2026-07-14T23:24:05.000000Z',1,'2026-07-14T23:24:05.000000Z',9.19220554115399863821e+01,0.0,4933.97,6041.4,1107.43,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-14T23:18:05.000000Z","mode":"2026-07-14T23:23:05.000000Z","reserve":"2026-07-14T23:23:05.000000Z","running":"2026-07-14T23:23:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1317,'2026-07-15T04:00:00.000000Z',1,'2026-07-15T04:00:00.000000Z',20.0,2562.93,0.0,2562.93,0.0,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T03:48:05.000000Z","mode":"2026-07-15T03:59:05.000000Z","reserve":"2026-07-15T03:59:05.000000Z","running":"2026-07-15T03:59:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1541,'2026-07-15T07:43:00.000000Z',1,'2026-07-15T07:43:00.000000Z',20.0,426.31,0.0,426.31,0.0,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T07:34:00.000000Z","mode":"2026-07-15T07:42:00.000000Z","reserve":"2026-07-15T07:42:00.000000Z","running":"2026-07-15T07:42:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1542,'2026-07-15T07:44:00.000000Z',1,'2026-07-15T07:44:00.000000Z',20.0,407.91,0.0,407.91,0.0,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T07:34:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',1858,'2026-07-15T13:00:00.000000Z',1,'2026-07-15T13:00:00.000000Z',20.0,801.84,0.0,806.7,4.86,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T12:49:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2039,'2026-07-15T16:00:00.000000Z',1,'2026-07-15T16:00:00.000000Z',2.11711587420491227358e+01,0.0,-589.16,1081.34,1670.51,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T15:49:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2042,'2026-07-15T16:00:00.000000Z',2040,'2026-07-15T16:00:00.000000Z',2.11711587420491227358e+01,0.0,-589.16,1081.34,1670.51,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{}',NULL);
INSERT INTO "observation" VALUES('home',2044,'2026-07-15T16:02:00.000000Z',2040,'2026-07-15T16:02:00.000000Z',2.13078895454803181048e+01,0.0,-495.83,1006.78,1502.61,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T16:00:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2045,'2026-07-15T16:03:00.000000Z',2040,'2026-07-15T16:03:00.000000Z',2.13659621524469862659e+01,0.0,-436.43,980.13,1416.56,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T16:00:00.000000Z","mode":"2026-07-15T16:02:00.000000Z","reserve":"2026-07-15T16:02:00.000000Z","running":"2026-07-15T16:02:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2222,'2026-07-15T19:00:00.000000Z',2040,'2026-07-15T19:00:00.000000Z',4.91888872864776374163e+01,0.0,-594.8,2193.12,2787.92,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{}',NULL);
INSERT INTO "observation" VALUES('home',2227,'2026-07-15T19:00:05.000000Z',2040,'2026-07-15T19:00:05.000000Z',4.92269009660801160066e+01,3300.0,-3894.8,2193.12,2787.92,'SystemGridConnected',0,'backup',60.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T19:00:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2249,'2026-07-15T19:22:05.000000Z',2040,'2026-07-15T19:22:05.000000Z',6.01562351183382517652e+01,3300.0,-3979.75,2258.62,2938.37,'SystemGridConnected',0,'backup',60.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T19:15:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2254,'2026-07-15T19:22:10.000000Z',2040,'2026-07-15T19:22:10.000000Z',6.01628695440438150416e+01,0.0,-679.75,2258.62,2938.37,'SystemGridConnected',0,'self_consumption',60.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T19:15:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2324,'2026-07-15T20:31:10.000000Z',2040,'2026-07-15T20:31:10.000000Z',6.62763009908126434757e+01,0.0,509.17,2519.44,2010.27,'SystemGridConnected',0,'self_consumption',60.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:30:10.000000Z","mode":"2026-07-15T20:30:10.000000Z","reserve":"2026-07-15T20:30:10.000000Z","running":"2026-07-15T20:30:10.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2353,'2026-07-15T21:00:00.000000Z',2040,'2026-07-15T21:00:00.000000Z',6.53618729552414379213e+01,0.0,-46.14,2654.77,2700.91,'SystemGridConnected',0,'self_consumption',60.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:45:10.000000Z","mode":"2026-07-15T20:58:10.000000Z","reserve":"2026-07-15T20:58:10.000000Z","running":"2026-07-15T20:58:10.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2356,'2026-07-15T21:00:00.000000Z',2040,'2026-07-15T21:00:00.000000Z',6.53618729552414379213e+01,0.0,-46.14,2654.77,2700.91,'SystemGridConnected',0,'self_consumption',60.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-15T21:00:00.000000Z","firmware":"2026-07-15T20:45:10.000000Z","grid":"2026-07-15T21:00:00.000000Z","grid_services":"2026-07-15T21:00:00.000000Z","load_power":"2026-07-15T21:00:00.000000Z","site_power":"2026-07-15T21:00:00.000000Z","soe":"2026-07-15T21:00:00.000000Z","solar_power":"2026-07-15T21:00:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2359,'2026-07-15T21:00:05.000000Z',2040,'2026-07-15T21:00:05.000000Z',6.5394531675033732653e+01,3300.0,-3346.14,2654.77,2700.91,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T20:45:10.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2372,'2026-07-15T21:12:05.000000Z',2040,'2026-07-15T21:12:05.000000Z',7.01769269665774260164e+01,3998.02,-3300.0,2637.19,1939.17,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:01:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2421,'2026-07-15T22:00:00.000000Z',2040,'2026-07-15T22:00:00.000000Z',9.13249686734693284523e+01,3300.0,-4015.86,2811.19,3527.05,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:46:05.000000Z","mode":"2026-07-15T21:58:05.000000Z","reserve":"2026-07-15T21:58:05.000000Z","running":"2026-07-15T21:58:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2425,'2026-07-15T22:00:45.000000Z',2040,'2026-07-15T22:00:45.000000Z',9.16777262449116676652e+01,3300.0,-4015.86,2811.19,3527.05,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T21:46:05.000000Z","mode":"2026-07-15T22:00:15.000000Z","reserve":"2026-07-15T22:00:15.000000Z","running":"2026-07-15T22:00:15.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2481,'2026-07-15T22:55:00.000000Z',2040,'2026-07-15T22:55:00.000000Z',100.0,1745.61,0.0,3084.43,1338.81,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T22:46:45.000000Z","mode":"2026-07-15T22:54:45.000000Z","reserve":"2026-07-15T22:54:45.000000Z","running":"2026-07-15T22:54:45.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2484,'2026-07-15T22:55:00.000000Z',2040,'2026-07-15T22:55:00.000000Z',100.0,1745.61,0.0,3084.43,1338.81,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-15T22:55:00.000000Z","firmware":"2026-07-15T22:46:45.000000Z","grid":"2026-07-15T22:55:00.000000Z","grid_services":"2026-07-15T22:55:00.000000Z","load_power":"2026-07-15T22:55:00.000000Z","site_power":"2026-07-15T22:55:00.000000Z","soe":"2026-07-15T22:55:00.000000Z","solar_power":"2026-07-15T22:55:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2487,'2026-07-15T22:55:05.000000Z',2040,'2026-07-15T22:55:05.000000Z',9.99810695520570220668e+01,0.0,1745.61,3084.43,1338.81,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T22:46:45.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2492,'2026-07-15T22:59:05.000000Z',2040,'2026-07-15T22:59:05.000000Z',9.90131284876380135528e+01,0.0,1598.43,2999.36,1400.93,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-15T22:46:45.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2566,'2026-07-16T00:13:05.000000Z',2040,'2026-07-16T00:13:05.000000Z',7.52264832988022362752e+01,0.0,2201.82,3528.88,1327.06,'SystemIslandedActive',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T00:02:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2567,'2026-07-16T00:14:05.000000Z',2040,'2026-07-16T00:14:05.000000Z',7.4939092002394673388e+01,0.0,2280.87,3644.42,1363.55,'SystemIslandedActive',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T00:02:05.000000Z","mode":"2026-07-16T00:13:05.000000Z","reserve":"2026-07-16T00:13:05.000000Z","running":"2026-07-16T00:13:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',2793,'2026-07-16T04:00:00.000000Z',2040,'2026-07-16T04:00:00.000000Z',20.0,1799.96,0.0,1799.96,0.0,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T03:47:05.000000Z","mode":"2026-07-16T03:59:05.000000Z","reserve":"2026-07-16T03:59:05.000000Z","running":"2026-07-16T03:59:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3067,'2026-07-16T08:33:00.000000Z',2040,'2026-07-16T08:33:00.000000Z',20.0,407.69,0.0,407.69,0.0,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"mode":"2026-07-16T08:32:00.000000Z","reserve":"2026-07-16T08:32:00.000000Z","running":"2026-07-16T08:32:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3068,'2026-07-16T08:34:00.000000Z',2040,'2026-07-16T08:34:00.000000Z',20.0,414.57,0.0,414.57,0.0,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T08:33:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3334,'2026-07-16T13:00:00.000000Z',2040,'2026-07-16T13:00:00.000000Z',20.0,772.7,0.0,782.44,9.74,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T12:48:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3568,'2026-07-16T16:53:00.000000Z',2040,'2026-07-16T16:53:00.000000Z',4.23225861906915810104e+01,0.0,-2430.12,1036.89,3467.01,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T16:48:00.000000Z","mode":"2026-07-16T16:52:00.000000Z","reserve":"2026-07-16T16:52:00.000000Z","running":"2026-07-16T16:52:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3569,'2026-07-16T16:54:00.000000Z',2040,'2026-07-16T16:54:00.000000Z',4.2607204756160754755e+01,0.0,-2398.78,1084.44,3483.23,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T16:48:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3695,'2026-07-16T19:00:00.000000Z',2040,'2026-07-16T19:00:00.000000Z',8.48046816112291139671e+01,0.0,-3041.59,1871.07,4912.66,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T18:48:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3700,'2026-07-16T19:00:05.000000Z',2040,'2026-07-16T19:00:05.000000Z',8.48343678551007371844e+01,0.0,-3041.59,1871.07,4912.66,'SystemGridConnected',0,'self_consumption',84.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T18:48:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3726,'2026-07-16T19:26:05.000000Z',2040,'2026-07-16T19:26:05.000000Z',9.41458414787220334608e+01,0.0,-2969.94,2055.97,5025.91,'SystemGridConnected',0,'self_consumption',84.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T19:18:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3731,'2026-07-16T19:26:10.000000Z',2040,'2026-07-16T19:26:10.000000Z',9.41748283918903723605e+01,0.0,-2969.94,2055.97,5025.91,'SystemGridConnected',0,'self_consumption',94.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T19:18:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3752,'2026-07-16T19:47:10.000000Z',2040,'2026-07-16T19:47:10.000000Z',100.0,-3018.65,0.0,2048.19,5066.84,'SystemGridConnected',0,'self_consumption',94.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T19:33:10.000000Z","mode":"2026-07-16T19:46:10.000000Z","reserve":"2026-07-16T19:46:10.000000Z","running":"2026-07-16T19:46:10.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3755,'2026-07-16T19:47:10.000000Z',2040,'2026-07-16T19:47:10.000000Z',100.0,-3018.65,0.0,2048.19,5066.84,'SystemGridConnected',0,'self_consumption',94.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-16T19:47:10.000000Z","firmware":"2026-07-16T19:33:10.000000Z","grid":"2026-07-16T19:47:10.000000Z","grid_services":"2026-07-16T19:47:10.000000Z","load_power":"2026-07-16T19:47:10.000000Z","site_power":"2026-07-16T19:47:10.000000Z","soe":"2026-07-16T19:47:10.000000Z","solar_power":"2026-07-16T19:47:10.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3758,'2026-07-16T19:47:15.000000Z',2040,'2026-07-16T19:47:15.000000Z',100.0,-3018.65,0.0,2048.19,5066.84,'SystemGridConnected',0,'self_consumption',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T19:33:10.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3831,'2026-07-16T21:00:00.000000Z',2040,'2026-07-16T21:00:00.000000Z',100.0,-2461.92,0.0,2393.25,4855.17,'SystemGridConnected',0,'self_consumption',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T20:48:15.000000Z","mode":"2026-07-16T20:59:15.000000Z","reserve":"2026-07-16T20:59:15.000000Z","running":"2026-07-16T20:59:15.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3834,'2026-07-16T21:00:00.000000Z',2040,'2026-07-16T21:00:00.000000Z',100.0,-2461.92,0.0,2393.25,4855.17,'SystemGridConnected',0,'self_consumption',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-16T21:00:00.000000Z","firmware":"2026-07-16T20:48:15.000000Z","grid":"2026-07-16T21:00:00.000000Z","grid_services":"2026-07-16T21:00:00.000000Z","load_power":"2026-07-16T21:00:00.000000Z","site_power":"2026-07-16T21:00:00.000000Z","soe":"2026-07-16T21:00:00.000000Z","solar_power":"2026-07-16T21:00:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3837,'2026-07-16T21:00:05.000000Z',2040,'2026-07-16T21:00:05.000000Z',100.0,-2461.92,0.0,2393.25,4855.17,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T20:48:15.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3898,'2026-07-16T22:00:00.000000Z',2040,'2026-07-16T22:00:00.000000Z',100.0,-1773.81,0.0,2516.3,4290.11,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T21:49:05.000000Z","mode":"2026-07-16T21:58:05.000000Z","reserve":"2026-07-16T21:58:05.000000Z","running":"2026-07-16T21:58:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3902,'2026-07-16T22:00:45.000000Z',2040,'2026-07-16T22:00:45.000000Z',100.0,-1773.81,0.0,2516.3,4290.11,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T21:49:05.000000Z","mode":"2026-07-16T22:00:15.000000Z","reserve":"2026-07-16T22:00:15.000000Z","running":"2026-07-16T22:00:15.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3958,'2026-07-16T22:55:00.000000Z',2040,'2026-07-16T22:55:00.000000Z',100.0,-847.09,0.0,2662.37,3509.46,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T22:49:45.000000Z","mode":"2026-07-16T22:54:45.000000Z","reserve":"2026-07-16T22:54:45.000000Z","running":"2026-07-16T22:54:45.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3961,'2026-07-16T22:55:00.000000Z',2040,'2026-07-16T22:55:00.000000Z',100.0,-847.09,0.0,2662.37,3509.46,'SystemGridConnected',0,'backup',100.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-16T22:55:00.000000Z","firmware":"2026-07-16T22:49:45.000000Z","grid":"2026-07-16T22:55:00.000000Z","grid_services":"2026-07-16T22:55:00.000000Z","load_power":"2026-07-16T22:55:00.000000Z","site_power":"2026-07-16T22:55:00.000000Z","soe":"2026-07-16T22:55:00.000000Z","solar_power":"2026-07-16T22:55:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3964,'2026-07-16T22:55:05.000000Z',2040,'2026-07-16T22:55:05.000000Z',100.0,-847.09,0.0,2662.37,3509.46,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T22:49:45.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',3992,'2026-07-16T23:22:05.000000Z',2040,'2026-07-16T23:22:05.000000Z',9.95058013826092349098e+01,0.0,1670.0,4724.43,3054.43,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-16T23:20:05.000000Z","mode":"2026-07-16T23:21:05.000000Z","reserve":"2026-07-16T23:21:05.000000Z","running":"2026-07-16T23:21:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',4092,'2026-07-17T01:02:05.000000Z',2040,'2026-07-17T01:02:05.000000Z',8.30843099931153545884e+01,0.0,2288.49,3469.8,1181.32,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-17T00:50:05.000000Z","mode":"2026-07-17T01:01:05.000000Z","reserve":"2026-07-17T01:01:05.000000Z","running":"2026-07-17T01:01:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',4093,'2026-07-17T01:03:05.000000Z',2040,'2026-07-17T01:03:05.000000Z',8.27841856447043369406e+01,0.0,2501.72,3664.61,1162.89,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-17T00:50:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',4270,'2026-07-17T04:00:00.000000Z',2040,'2026-07-17T04:00:00.000000Z',2.32451697954646441246e+01,0.0,1474.87,1474.87,0.0,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-17T03:50:05.000000Z","mode":"2026-07-17T03:59:05.000000Z","reserve":"2026-07-17T03:59:05.000000Z","running":"2026-07-17T03:59:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',4273,'2026-07-17T04:00:00.000000Z',2040,'2026-07-17T04:00:00.000000Z',2.32451697954646441246e+01,0.0,1474.87,1474.87,0.0,'SystemGridConnected',0,'self_consumption',20.0,NULL,NULL,1,'1.49.0 f7d0c6a1','{"battery_power":"2026-07-17T04:00:00.000000Z","firmware":"2026-07-17T03:50:05.000000Z","grid":"2026-07-17T04:00:00.000000Z","grid_services":"2026-07-17T04:00:00.000000Z","load_power":"2026-07-17T04:00:00.000000Z","site_power":"2026-07-17T04:00:00.000000Z","soe":"2026-07-17T04:00:00.000000Z","solar_power":"2026-07-17T04:00:00.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',4276,'2026-07-17T04:00:05.000000Z',2040,'2026-07-17T04:00:05.000000Z',2.32291754284505742584e+01,0.0,1474.87,1474.87,0.0,'SystemGridConnected',0,'self_consumption',2.30000000000000035535e+01,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-17T03:50:05.000000Z"}',NULL);
INSERT INTO "observation" VALUES('home',4456,'2026-07-17T07:00:00.000000Z',2040,'2026-07-17T07:00:00.000000Z',23.0,423.37,0.0,423.37,0.0,'SystemGridConnected',0,'self_consumption',2.30000000000000035535e+01,NULL,NULL,1,'1.49.0 f7d0c6a1','{"firmware":"2026-07-17T06:50:05.000000Z","mode":"2026-07-17T06:58:05.000000Z","reserve":"2026-07-17T06:58:05.000000Z","running":"2026-07-17T06:58:05.000000Z"}',NULL);
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
INSERT INTO "outcome" VALUES('home',11,'2026-07-14T07:00:05.000000Z',1,8,'held','read back after 5 s',X'EA86078F4140BA0F9A7A6386CE6392F2476721DBA70B62F703DA6010BA0D5946');
INSERT INTO "outcome" VALUES('home',288,'2026-07-14T11:32:10.000000Z',1,286,'held','read back after 5 s',X'64C6930F95CEEE4416F635B53CC7C3B0600449AD105B202AF62A627858A6DBEC');
INSERT INTO "outcome" VALUES('home',382,'2026-07-14T13:00:05.000000Z',1,379,'held','read back after 5 s',X'59EE1FC765216D5469F4F47E16372F3D658CF2225D520396D3492C9384EA15BD');
INSERT INTO "outcome" VALUES('home',749,'2026-07-14T19:00:05.000000Z',1,746,'held','read back after 5 s',X'8E7C873386AD453EF07CB18AEA24CBB8611B3C9516ADECE16F35E80E1578591E');
INSERT INTO "outcome" VALUES('home',829,'2026-07-14T20:14:10.000000Z',1,827,'held','read back after 5 s',X'3D1FF4B1D9282E9C0081BAA27512D62EA206F62AC0E659C479F1EA7DE6E79D3B');
INSERT INTO "outcome" VALUES('home',882,'2026-07-14T21:00:05.000000Z',1,879,'held','read back after 5 s',X'84B3B5E79FB4547A4D2F05E26FBEE886CEA7ADA96AE4BDF7AD1A1F856CC712E8');
INSERT INTO "outcome" VALUES('home',1010,'2026-07-14T22:55:05.000000Z',1,1007,'held','read back after 5 s',X'5224F431E0E8BFFA91F01985FEE465F9091D1322E3524E7DB1067939229B76C9');
INSERT INTO "outcome" VALUES('home',2226,'2026-07-15T19:00:05.000000Z',2040,2224,'held','read back after 5 s',X'B6CE72E222190071562A5B5C329E183A676EF161AF0873358F10E740F9F2FFC3');
INSERT INTO "outcome" VALUES('home',2253,'2026-07-15T19:22:10.000000Z',2040,2251,'held','read back after 5 s',X'1DAF7F493A7E131300C79F6C017DC04552E01FB03005CF26BC37ECC3442167C5');
INSERT INTO "outcome" VALUES('home',2358,'2026-07-15T21:00:05.000000Z',2040,2355,'held','read back after 5 s',X'03D9081C7EE210320F414F1E25F1D11273DB53A65CC85EFD47A18D9DF5E18432');
INSERT INTO "outcome" VALUES('home',2486,'2026-07-15T22:55:05.000000Z',2040,2483,'held','read back after 5 s',X'F2DF8CDD1772D001B008B6F07697CE987C57A7B62FA3280580E453A9BF2F8E7E');
INSERT INTO "outcome" VALUES('home',3699,'2026-07-16T19:00:05.000000Z',2040,3697,'held','read back after 5 s',X'910EC4564D8407378A69AD2F805053BD563DE3D91FE22786F28DE41D8FF4C190');
INSERT INTO "outcome" VALUES('home',3730,'2026-07-16T19:26:10.000000Z',2040,3728,'held','read back after 5 s',X'AD38D57F9C4ACC00CD59A51525001365DED2AA2BE2317C741EB215159001EE78');
INSERT INTO "outcome" VALUES('home',3757,'2026-07-16T19:47:15.000000Z',2040,3754,'held','read back after 5 s',X'BF39AC917BA4EB9AA716E015F849BB80856B69A68B609E6F2185FD0DACE66735');
INSERT INTO "outcome" VALUES('home',3836,'2026-07-16T21:00:05.000000Z',2040,3833,'held','read back after 5 s',X'9290268814ED9CA4462BA226AFB469EC183C86930B30C7008829B664BFA22760');
INSERT INTO "outcome" VALUES('home',3963,'2026-07-16T22:55:05.000000Z',2040,3960,'held','read back after 5 s',X'7CCF6DE374D96B4ADE519FD0EF509C1C4257C91DBFC5FF58EBF7366C3D35F089');
INSERT INTO "outcome" VALUES('home',4275,'2026-07-17T04:00:05.000000Z',2040,4272,'held','read back after 5 s',X'E577FDFE1A96018860ABE7EF25203FD3A819D66A51B939A6182436E482A52A75');
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
INSERT INTO "rule_files" VALUES('home',2,'2026-07-14T07:00:00.000000Z',1,'c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6','{"rules":[{"name":"home.toml","text":"#:schema ./rules.schema.json\n# Southern California Edison, TOU-D-PRIME: on-peak 4 pm to 9 pm on summer weekdays, mid-peak in the\n# same hours on other days. Buying late, when the sun has shown what it can do, lets the state of\n# energy stand in for a forecast. Needs a site that may charge from the grid; try it with\n# `pwsched run --dry-run` before it touches the house.\nlanguage = 1\ntariff   = \"sce-tou-d-prime\"\n\n[default]\nmode    = \"self_consumption\"\nreserve = 20\n\n[[rule]]\nname  = \"half full by two\"\nwhile = { time = \"12:00-14:00\" }\nset   = { battery = \"charge\", to = 60 }\n\n[[rule]]\nname  = \"full before the peak\"\nwhile = { time = \"14:00-15:55\" }             # not 16:00: clocks differ, and a write takes its time\nset   = { battery = \"charge\", to = 100 }\n\n[[rule]]\nname  = \"keep the rest of a low battery for the night\"\nwhile = { time = \"21:00-06:00\", soe_below = 30 }\nset   = { battery = \"hold\" }\n\n[[rule]]\nname = \"firmware before the peak\"\nwhen = { before = \"peak\", lead = \"60m\" }\ndo   = \"firmware-check\"\n"}],"tariff":{"name":"sce-tou-d-prime.toml","text":"# Southern California Edison, Schedule TOU-D-PRIME. US dollars a bundled kilowatt hour: delivery and generation, with\n# the fixed recovery charge and the state energy surcharge; without baseline credit and fixed charges.\ntitle    = \"SCE TOU-D-PRIME\"\nsource   = \"SCE Schedule TOU-D, Advice 5555-E effective 2025-06-01; Advice 5725-E (winter rows) effective 2026-01-01; Advice 5829-E effective 2026-06-01\"\ntimezone = \"America/Los_Angeles\"\ncurrency = \"USD\"\n\n[seasons]\nsummer = \"06-01..09-30\"\nwinter = \"10-01..05-31\"\n\n# Sheet 13: priced as weekends; a Sunday holiday also makes the Monday one, a Saturday moves nothing.\n[holidays]\ndays = [\n  \"01-01\", \"3rd-mon-feb\", \"last-mon-may\", \"07-04\",\n  \"1st-mon-sep\", \"11-11\", \"4th-thu-nov\", \"12-25\",\n]\nsunday_to_monday = true\n\n[[periods.summer]]\nperiod = \"on-peak\"\ndays   = \"workdays\"\ntime   = \"16:00-21:00\"\n\n[[periods.summer]]\nperiod = \"mid-peak\"\ndays   = [\"weekends\", \"holidays\"]\ntime   = \"16:00-21:00\"\n\n[[periods.summer]]\nperiod = \"off-peak\"\ntime   = \"21:00-16:00\"\n\n[[periods.winter]]\nperiod = \"mid-peak\"\ntime   = \"16:00-21:00\"\n\n[[periods.winter]]\nperiod = \"off-peak\"\ntime   = \"21:00-08:00\"\n\n[[periods.winter]]\nperiod = \"super-off-peak\"\ntime   = \"08:00-16:00\"\n\n[[prices]]\neffective = \"2025-06-01\"\nsummer = { on-peak = 0.56238, mid-peak = 0.37998, off-peak = 0.26192 }\nwinter = { mid-peak = 0.53210, off-peak = 0.24360, super-off-peak = 0.24360 }\n\n[[prices]]\neffective = \"2026-01-01\"\nwinter = { mid-peak = 0.57229, off-peak = 0.25392, super-off-peak = 0.25392 }\n\n[[prices]]\neffective = \"2026-06-01\"\nsummer = { on-peak = 0.59940, mid-peak = 0.40831, off-peak = 0.27347 }\nwinter = { mid-peak = 0.57295, off-peak = 0.25282, super-off-peak = 0.25282 }\n"}}',X'9DF8B11DFA6D78E377B30168787BC55A99C70B06F79303B39455D2C6EEC2F3AE');
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
INSERT INTO "run" VALUES('home',1,'2026-07-14T07:00:00.000000Z','1.2.0','boot:1',0,'c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6',X'457D8E982CE53D6CE83CD8895B8DC65F4F24DCC54315245B1B3678337D9041A8');
INSERT INTO "run" VALUES('home',2040,'2026-07-15T16:00:00.000000Z','1.2.0','boot:1',0,'c5fbc82af443dcad95fe202bfa5fa8825638795d29a406ac16421eb0a49560f6',X'C2573102818E7C221FEA531F8468EAE2E1FAA6B39E8ACAB888EB4B22462B5794');
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
INSERT INTO "run_end" VALUES('home',4457,'2026-07-17T07:00:00.000000Z',2040,'done',X'F85EE4CF5121EDA2517966D9751702A6C3CDDFBDDCE1511FA79F07F5AA2F2004');
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
INSERT INTO "seal" VALUES('home',1,'2026-07-19T07:00:00.000000Z',1,517,500,X'52DB10FFB88306B9771BABDA3386AD0C495BCA5E82A766D3E9B6C4DEA7A5550B',NULL,X'3B997C4C62156CBA00BD9410BBB555E9BE6AC4AC6B6C6DC6ECDC6102F2EC2FB7');
INSERT INTO "seal" VALUES('home',2,'2026-07-19T07:00:00.000000Z',518,1040,500,X'E8F3C314B7F9DF46B02DD886E92D5E26063F370584D7A2C49742D5699E134D6B',NULL,X'8A7196A08F09C07A76E346DD6985B12CE18C3143C6F3C9F8D90E325EDF8490CD');
INSERT INTO "seal" VALUES('home',3,'2026-07-19T07:00:00.000000Z',1041,1541,500,X'C11F60F9D726A8316B025187142318FB0243BF8ED40E3510E678E597CA57FC37',NULL,X'04E2111BEEEFFF1EBC66E10D14AD5E5FB0866451D9DFB06B70208A1957C781C3');
INSERT INTO "seal" VALUES('home',4,'2026-07-19T07:00:00.000000Z',1542,2044,500,X'1F335FDACBDADCB5E8551D1418D99F2167B4FE91514733B8CE841044CA02BEF7',NULL,X'D8319653B8CCDE6EA006822FD3F9F5EAC8CA322B549B3DACF19BD9DF5D0B5D5F');
INSERT INTO "seal" VALUES('home',5,'2026-07-19T07:00:00.000000Z',2045,2566,500,X'A5DA628EEE5FB69AF75A2D0076B95235669BF680C5E3BA87B1818F59EF2C2044',NULL,X'4050EB840EB2EE84D0A8E5A924D228F392DF1858FCDCBB02D636810283B64637');
INSERT INTO "seal" VALUES('home',6,'2026-07-19T07:00:00.000000Z',2567,3067,500,X'8DB8F0690BB50639FDC576EA55C764E849CA8829361C3C5B48DEE0A200C4A019',NULL,X'459DEB3F0494CFE339BBD041D7D4AF54BB6F67636FE9CECDBA73A015E04C37B3');
INSERT INTO "seal" VALUES('home',7,'2026-07-19T07:00:00.000000Z',3068,3568,500,X'A43E9D19C04E3D3358AEA903778F75AB8BBCFCC428A3EFDAD01B73B417EA11F3',NULL,X'76FEA84BB551EB77B2FE2971984BA200531D6AF652EC8A5DB59AE28A18D9E10F');
INSERT INTO "seal" VALUES('home',8,'2026-07-19T07:00:00.000000Z',3569,4092,500,X'5164757FCD7DA15B35A5C5EB71396B7B2407E097987F1A8F09AA5E7E0EB782C9',NULL,X'639ABE87E7726205A04086C6DE948CA98C65B3DDC90F2720A108F06FE34A37B2');
INSERT INTO "seal" VALUES('home',9,'2026-07-19T07:00:00.000000Z',4093,4457,360,X'0D669E0F2D1EE05785B690B9C02768DCC5B65DDD9D790FC402B788EE9535CFEA',NULL,X'0195E4FD72CE127BA2C8AFD2C75F18155B8AB279A95FF657F2992A9CE6DD87BC');
INSERT INTO "seal" VALUES('home',10,'2026-08-19T07:00:00.000000Z',1,517,110,X'2730993656E4559569FB836A3093E8AFC1CE2F257FBDCE843C77BB3B489392E0',1,X'4D67B67AAFE2A8F253A5A87A121E8047E4DEDE4A0BA4E9DFA6461F1764B5FC6F');
INSERT INTO "seal" VALUES('home',11,'2026-08-19T07:00:00.000000Z',518,1040,118,X'DEB32DA720662F0CBD5F6B2ABAEDCC6CADF8AFCD53BD77B0B0FD522BB84E764F',2,X'B34254C12B003000E074CFFA50D47281270DD96CC46F4ABB971E0E131D76C4E7');
INSERT INTO "seal" VALUES('home',12,'2026-08-19T07:00:00.000000Z',1041,1541,104,X'62B3EC10ED9119A1EB0A1242EAD56B4CE96DE588DD507BEE7B042007E0F6795F',3,X'853B5171AD9A8EACE6C8AABBBDA7A234D694D20E05A0EB39C86DC0313A74CB50');
INSERT INTO "seal" VALUES('home',13,'2026-08-19T07:00:00.000000Z',1542,2044,106,X'FAE837C6F328821590DF27D629B9A139A8537F27FC37092176BA2D2EBAF6373D',4,X'43183376CA37CF93B21E95022CFB014954A8373A92054B38783B2812DD484ADC');
INSERT INTO "seal" VALUES('home',14,'2026-08-19T07:00:00.000000Z',2045,2566,116,X'8E9F9FD4147CD8ACB0DB799A5DABD43BF5A2ED513D52D8BD7CFA99F4EC384DCC',5,X'492FB4F5F3319D136173AE4EC5E0801209DFD0A6DC80D753F744B2FB2996790E');
INSERT INTO "seal" VALUES('home',15,'2026-08-19T07:00:00.000000Z',2567,3067,104,X'69E01ED0DF8C308A444928B0A5838EE717C49BF9C081EA73EBD6694DC81E2C47',6,X'3459DF041513D0DDFEFB9BA244B5F33AF5E6FEAD776A2953139E38F2A61E5463');
INSERT INTO "seal" VALUES('home',16,'2026-08-19T07:00:00.000000Z',3068,3568,104,X'D6B91C2D8D030562635F4B2C0F56B67C0CB66F887D4E172783AE273E17F2C053',7,X'C7EA4E34F66C48CADBEEADD7432667E1B76C5E677B412E9564DC5545DD829746');
INSERT INTO "seal" VALUES('home',17,'2026-08-19T07:00:00.000000Z',3569,4092,117,X'3CB4DF5A06753311425377618BF147175C9A52D54BFA41A07A407BEF79A6361F',8,X'48C3025CFC6FDD7A1B31E84133F2A988B61E2EDACECDEBFD5D74648D12E304EE');
INSERT INTO "seal" VALUES('home',18,'2026-08-19T07:00:00.000000Z',4093,4457,78,X'2B1F9BEB0FEF62E2E2C8FDEC68266018BD054FABAFA1E5A1CF74570B0B3D144C',9,X'626E46B6B9BE735371A7786703B3F65BEF73E8B8B785A674A634947A7107F3E9');
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
INSERT INTO "sent" VALUES('home',9,'2026-07-14T07:00:00.000000Z',1,8,X'690481873679177B99689C65D5E417F176F351ADC8CE9FCE272C81AF93C66597');
INSERT INTO "sent" VALUES('home',287,'2026-07-14T11:32:05.000000Z',1,286,X'53EBA455A3627FB3473C0F178E1BC703380AAF98A596FFE875E573D0C96E1023');
INSERT INTO "sent" VALUES('home',381,'2026-07-14T13:00:00.000000Z',1,379,X'E01446554ACB8D3F4342970EAD0567E3D373C52E1887597F7C76913C8A723303');
INSERT INTO "sent" VALUES('home',748,'2026-07-14T19:00:00.000000Z',1,746,X'65DC73E5160C589190A59870A8FBEB6A41D96E830DA6F705ED93BBF86E7B0C0A');
INSERT INTO "sent" VALUES('home',828,'2026-07-14T20:14:05.000000Z',1,827,X'2FD9ACDC2D5B73C49A613BFBE6930ACE5ABCDC13A8939DF71EC717A7956AD681');
INSERT INTO "sent" VALUES('home',881,'2026-07-14T21:00:00.000000Z',1,879,X'7599C063E7E5FE073B19445A71B062A5C8D466C39B28A23A1A953EAC318A60EE');
INSERT INTO "sent" VALUES('home',1009,'2026-07-14T22:55:00.000000Z',1,1007,X'5C5026198416498D43653051E6F69A27FC1305B02CC1C9CF2678FF40E979EE73');
INSERT INTO "sent" VALUES('home',2225,'2026-07-15T19:00:00.000000Z',2040,2224,X'56EC9F766B8D68BEE188D0921743676CC0ADD4BED45ED02B42D4174CEEC6FD70');
INSERT INTO "sent" VALUES('home',2252,'2026-07-15T19:22:05.000000Z',2040,2251,X'EBF82BD3C65577A375A2313C013CA6955148B982BDD3438794376F77A903403D');
INSERT INTO "sent" VALUES('home',2357,'2026-07-15T21:00:00.000000Z',2040,2355,X'99E87D3B924646BB4A6660DB269C841E0C73EA91E21C249391E7E5CCADFD4140');
INSERT INTO "sent" VALUES('home',2485,'2026-07-15T22:55:00.000000Z',2040,2483,X'9A6AB279ED546A8F2663A9C8D05D9C36FF062C78E98AFD6EFAD8EEE4F511B8BD');
INSERT INTO "sent" VALUES('home',3698,'2026-07-16T19:00:00.000000Z',2040,3697,X'B0EE90A11D3722D8DF370308B118DB1565EAED0D9ADC8B1245777D7558D6E6BC');
INSERT INTO "sent" VALUES('home',3729,'2026-07-16T19:26:05.000000Z',2040,3728,X'A54576D53F50D2F0D52023CCCE3D85C011974FA57301A460451F7682475E6FCF');
INSERT INTO "sent" VALUES('home',3756,'2026-07-16T19:47:10.000000Z',2040,3754,X'FAB5CEBD02D9121DAA75C465E5DA82A9E9E3F077D9D8DBFA466D7C1AF875357B');
INSERT INTO "sent" VALUES('home',3835,'2026-07-16T21:00:00.000000Z',2040,3833,X'BC9566EA4691D439871644385F9DD26BCA76122CA2D345C6BCB5226E24DEF01F');
INSERT INTO "sent" VALUES('home',3962,'2026-07-16T22:55:00.000000Z',2040,3960,X'C70DBD5FEA60616E36D34D6F9D5D3D527628BA415D8BE53DAF6CC36D90DD41FE');
INSERT INTO "sent" VALUES('home',4274,'2026-07-17T04:00:00.000000Z',2040,4272,X'8F6CF8C81434C0C0A4BCF2BBF7B2EADB39D39B05D50993FAC8718132ED9E9383');
CREATE TABLE unused (
	site TEXT NOT NULL, 
	first INTEGER NOT NULL, 
	last INTEGER NOT NULL, 
	CONSTRAINT pk_unused PRIMARY KEY (site, first)
)
 WITHOUT ROWID

;
INSERT INTO "unused" VALUES('home',2041,2041);
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
