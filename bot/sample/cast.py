"""The fixed cast of the sample company: the people that stories, tours and tests know by handle."""

from dataclasses import dataclass

from models.person import AUDITOR, EXECUTIVE, HR

SHANGHAI, TOKYO, TAIPEI, SINGAPORE = "Asia/Shanghai", "Asia/Tokyo", "Asia/Taipei", "Asia/Singapore"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody to be hired. `pay` is a monthly base pay as "amount currency", "" for what the position pays."""

    handle: str
    name: str
    other_name: str
    department: str
    position: str
    manager: str = ""
    locale: str = "zh_Hans"
    zone: str = SHANGHAI
    roles: tuple[str, ...] = ()
    hired: str = ""
    pay: str = ""


CAST = (
    Member("boss", "陈海明", "Haiming Chen", "company", "chief-executive", roles=(EXECUTIVE,), hired="2013-04-08"),
    Member(
        "eva",
        "Eva Lindqvist",
        "林怡华",
        "company",
        "chief-operating",
        "boss",
        "en",
        roles=(EXECUTIVE,),
        hired="2015-09-01",
    ),
    Member(
        "audrey",
        "Audrey Tan",
        "陈雅琳",
        "company",
        "internal-auditor",
        "boss",
        "en",
        roles=(AUDITOR,),
        hired="2018-03-12",
    ),
    Member("helen", "Helen Zhou", "周海伦", "hr", "hr-head", "boss", "en", roles=(HR,), hired="2016-05-16"),
    Member("henry", "韩立", "Henry Han", "hr", "hr-partner", "helen", roles=(HR,), hired="2019-07-01"),
    Member("dana", "Dana Petrova", "戴娜", "sales", "sales-head", "eva", "en", hired="2016-11-07"),
    Member(
        "ana", "Ana Silva", "安娜", "sales", "account-manager", "dana", "en", hired="2020-02-17", pay="18500.00 CNY"
    ),
    Member("bo", "薄文博", "Bo Wenbo", "sales", "account-manager", "dana", hired="2019-03-04", pay="17200.00 CNY"),
    Member("mei", "林美玲", "Meiling Lin", "sales", "account-manager", "dana", "zh_Hant", TAIPEI, hired="2021-06-01"),
    Member("oliver", "Oliver Grant", "葛立文", "operations", "operations-head", "eva", "en", hired="2017-08-21"),
    Member(
        "wang",
        "王芳",
        "Fang Wang",
        "operations",
        "operations-specialist",
        "oliver",
        hired="2018-10-15",
        pay="14800.00 CNY",
    ),
    Member("lin", "林志强", "Zhiqiang Lin", "operations", "operations-specialist", "oliver", hired="2021-04-12"),
)

# Where the small company has no office of its own, people there belong to Sales and Operations.
KENJI = Member(
    "kenji",
    "田中健二",
    "Kenji Tanaka",
    "overseas-tokyo",
    "overseas-account-manager",
    "yuki",
    "ja",
    TOKYO,
    (),
    "2020-10-01",
    "480000 JPY",
)
KENJI_SMALL = Member(
    "kenji", "田中健二", "Kenji Tanaka", "sales", "account-manager", "dana", "ja", TOKYO, (), "2020-10-01", "480000 JPY"
)
ZHAO = Member("zhao", "赵敏", "Min Zhao", "operations", "operations-specialist", "oliver", hired="2022-05-09")

HEADS = (
    Member("qiang", "周强", "Qiang Zhou", "risk", "risk-chief", "boss", hired="2015-02-02"),
    Member("tao", "李涛", "Tao Li", "technology", "technology-chief", "boss", hired="2014-06-23"),
    Member("grace", "Grace Liu", "刘慧", "finance", "finance-chief", "boss", "en", hired="2017-01-09"),
    Member("naomi", "Naomi Clarke", "高娜美", "overseas", "overseas-head", "boss", "en", SINGAPORE, hired="2019-09-02"),
    Member("fiona", "冯婉怡", "Fiona Feng", "service", "service-head", "eva", hired="2016-03-28"),
    Member("leo", "罗奥", "Leo Luo", "marketing", "marketing-head", "eva", hired="2018-06-11"),
    Member("yuki", "佐藤由紀", "Yuki Sato", "overseas-tokyo", "country-lead", "naomi", "ja", TOKYO, (), "2019-11-01", "820000 JPY"),
    Member("kaiwen", "陳凱文", "Kaiwen Chen", "overseas-taipei", "country-lead", "naomi", "zh_Hant", TAIPEI, (), "2020-03-16", "165000 TWD"),
    Member("arjun", "Arjun Nair", "", "overseas-singapore", "country-lead", "naomi", "en", SINGAPORE, (), "2021-01-18", "11500.00 SGD"),
)  # fmt: skip

FULL = (*CAST, KENJI, *HEADS)
SMALL = (*CAST, KENJI_SMALL, ZHAO)


@dataclass(frozen=True, slots=True)
class Team:
    """People to be made up: `count` of a position in a department, under a lead of their own or a named manager."""

    department: str
    position: str
    count: int
    manager: str
    lead: str = ""


# The lead of a team reports to `manager`; without one its members do.
TEAMS = (
    Team("company", "executive-assistant", 1, "boss"),
    Team("company", "planning-analyst", 1, "boss"),
    Team("company", "planning-analyst", 1, "eva"),
    Team("hr", "hr-partner", 2, "helen"),
    Team("hr", "hr-specialist", 2, "helen"),
    Team("risk", "risk-analyst", 1, "qiang"),
    Team("risk-credit", "risk-analyst", 8, "qiang", "risk-lead"),
    Team("risk-models", "risk-analyst", 6, "qiang", "risk-lead"),
    Team("risk-fraud", "risk-analyst", 5, "qiang", "risk-lead"),
    Team("risk-collections", "risk-analyst", 7, "qiang", "risk-lead"),
    Team("sales", "account-manager", 1, "dana"),
    Team("sales", "sales-analyst", 1, "dana"),
    Team("sales-east", "account-manager", 7, "dana", "sales-manager"),
    Team("sales-north", "account-manager", 6, "dana", "sales-manager"),
    Team("sales-south", "account-manager", 6, "dana", "sales-manager"),
    Team("sales-west", "account-manager", 5, "dana", "sales-manager"),
    Team("operations-loans", "operations-specialist", 7, "oliver", "operations-lead"),
    Team("operations-users", "operations-specialist", 6, "oliver", "operations-lead"),
    Team("operations-settlement", "operations-specialist", 5, "oliver", "operations-lead"),
    Team("marketing", "marketer", 6, "leo"),
    Team("service", "service-agent", 2, "fiona"),
    Team("service-hotline", "service-agent", 9, "fiona", "service-lead"),
    Team("service-complaints", "service-agent", 5, "fiona", "service-lead"),
    Team("technology-product", "product-manager", 6, "tao", "product-lead"),
    Team("technology-apps", "engineer", 7, "tao", "engineering-lead"),
    Team("technology-core", "engineer", 8, "tao", "engineering-lead"),
    Team("technology-data", "engineer", 6, "tao", "engineering-lead"),
    Team("technology-reliability", "reliability-engineer", 6, "tao", "reliability-lead"),
    Team("finance", "treasurer", 3, "grace"),
    Team("finance-accounting", "accountant", 5, "grace", "accounting-lead"),
    Team("finance-legal", "counsel", 4, "grace", "legal-lead"),
    Team("overseas", "planning-analyst", 1, "naomi"),
    Team("overseas-tokyo", "overseas-account-manager", 4, "yuki"),
    Team("overseas-taipei", "overseas-account-manager", 5, "kaiwen"),
    Team("overseas-singapore", "overseas-account-manager", 4, "arjun"),
)
HR_STAFF = ("hr-partner",)
