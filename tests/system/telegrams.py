"""Telegrams in JMA's format with the times that a test needs. Written by us; codes and structure are JMA's."""
import datetime

JST = datetime.timezone(datetime.timedelta(hours=9))
UTC = datetime.timezone.utc


def jst(time):
    return time.astimezone(JST).strftime("%Y-%m-%dT%H:%M:%S+09:00")


def utc(time):
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


RANKS = "1 2 3 4 5- 5+ 6- 6+ 7".split()


def strongest(intensities):
    return max(intensities, key=RANKS.index)


def report(title, head_title, time, body, *, status="通常", info_type="発表", event_id="", serial="",
           headline="", information="", valid=None, office="気象庁本庁", body_namespace="seismology1"):
    valid_text = f"<ValidDateTime>{jst(valid)}</ValidDateTime>" if valid else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Report xmlns="http://xml.kishou.go.jp/jmaxml1/" xmlns:jmx="http://xml.kishou.go.jp/jmaxml1/">
<Control><Title>{title}</Title><DateTime>{utc(time)}</DateTime><Status>{status}</Status>
<EditorialOffice>{office}</EditorialOffice><PublishingOffice>{office}</PublishingOffice></Control>
<Head xmlns="http://xml.kishou.go.jp/jmaxml1/informationBasis1/"><Title>{head_title}</Title>
<ReportDateTime>{jst(time)}</ReportDateTime><TargetDateTime>{jst(time)}</TargetDateTime>{valid_text}
<EventID>{event_id}</EventID><InfoType>{info_type}</InfoType><Serial>{serial}</Serial>
<InfoKind>{title}</InfoKind><InfoKindVersion>1.0_1</InfoKindVersion>
<Headline><Text>{headline}</Text>{information}</Headline></Head>
<Body xmlns="http://xml.kishou.go.jp/jmaxml1/body/{body_namespace}/"
 xmlns:jmx_eb="http://xml.kishou.go.jp/jmaxml1/elementBasis1/">{body}</Body></Report>
""".encode()


def quake_flash(time, event_id, regions, **more):
    """VXSE51. regions: [(pref code, pref name, code, name, intensity)]"""
    by_pref = {}
    for pref, pref_name, code, name, intensity in regions:
        by_pref.setdefault((pref, pref_name), []).append((code, name, intensity))
    prefs = "".join(
        f"<Pref><Name>{name}</Name><Code>{code}</Code><MaxInt>{strongest(i for _, _, i in areas)}</MaxInt>"
        + "".join(f"<Area><Name>{n}</Name><Code>{c}</Code><MaxInt>{i}</MaxInt></Area>" for c, n, i in areas)
        + "</Pref>" for (code, name), areas in by_pref.items())
    top = strongest(i for *_, i in regions)
    body = (f"<Intensity><Observation><MaxInt>{top}</MaxInt>{prefs}</Observation></Intensity>"
            "<Comments><ForecastComment codeType=\"固定付加文\"><Text>今後の情報に注意してください。</Text>"
            "<Code>0217</Code></ForecastComment></Comments>")
    return report("震度速報", "震度速報", time, body, event_id=event_id,
                  headline="地震による強い揺れを感じました。", **more)


def quake_details(time, event_id, cities, *, magnitude="6.7", epicenter=("胆振地方中東部", "146"),
                  coordinate="+42.7+142.0-37000/", comment="0215", serial="1", origin=None, **more):
    """VXSE53. cities: [(pref, pref name, region, region name, city, city name, intensity)]"""
    by_pref = {}
    for pref, pref_name, region, region_name, city, city_name, intensity in cities:
        by_pref.setdefault((pref, pref_name), {}).setdefault((region, region_name), []).append(
            (city, city_name, intensity))
    parts = []
    for (pref, pref_name), regions in by_pref.items():
        inner = ""
        for (region, region_name), list_ in regions.items():
            inner += (f"<Area><Name>{region_name}</Name><Code>{region}</Code>"
                      f"<MaxInt>{strongest(i for *_, i in list_)}</MaxInt>"
                      + "".join(f"<City><Name>{n}</Name><Code>{c}</Code><MaxInt>{i}</MaxInt></City>"
                                for c, n, i in list_) + "</Area>")
        parts.append(f"<Pref><Name>{pref_name}</Name><Code>{pref}</Code>{inner}</Pref>")
    top = strongest(i for *_, i in cities)
    body = (f"<Earthquake><OriginTime>{jst(origin or time)}</OriginTime><ArrivalTime>{jst(origin or time)}"
            f"</ArrivalTime><Hypocenter><Area><Name>{epicenter[0]}</Name>"
            f"<Code type=\"震央地名\">{epicenter[1]}</Code>"
            f"<jmx_eb:Coordinate>{coordinate}</jmx_eb:Coordinate></Area></Hypocenter>"
            f"<jmx_eb:Magnitude type=\"Mj\" description=\"Ｍ{magnitude}\">{magnitude}</jmx_eb:Magnitude>"
            f"</Earthquake><Intensity><Observation><MaxInt>{top}</MaxInt>{''.join(parts)}</Observation>"
            "</Intensity><Comments><ForecastComment codeType=\"固定付加文\"><Text>津波の心配はありません。</Text>"
            f"<Code>{comment}</Code></ForecastComment></Comments>")
    return report("震源・震度に関する情報", "震源・震度情報", time, body, event_id=event_id, serial=serial,
                  headline="地震がありました。", **more)


TSUNAMI = {"major": ("大津波警報：発表", "53", "１０ｍ超", "10"), "warning": ("津波警報", "51", "３ｍ", "3"),
           "advisory": ("津波注意報", "62", "１ｍ", "1"), "lift-warning": ("警報解除", "50", None, None),
           "lift-advisory": ("津波注意報解除", "60", None, None),
           "forecast": ("津波予報（若干の海面変動）", "71", "０．２ｍ未満", "0.2")}


def tsunami(time, event_id, coasts, *, arrival=None, **more):
    """VTSE41. coasts: [(code, name, kind of TSUNAMI, last kind of TSUNAMI or None)]"""
    items = ""
    for code, name, kind, last in coasts:
        kind_name, kind_code, height_text, height = TSUNAMI[kind]
        last_name, last_code = TSUNAMI[last][:2] if last else ("津波なし", "00")
        first = ("<FirstHeight>"
                 + (f"<ArrivalTime>{jst(arrival)}</ArrivalTime>" if arrival else
                    "<Condition>ただちに津波来襲と予測</Condition>") + "</FirstHeight>"
                 f"<MaxHeight><jmx_eb:TsunamiHeight type=\"津波の高さ\" unit=\"m\" description=\"{height_text}\">"
                 f"{height}</jmx_eb:TsunamiHeight></MaxHeight>") if height_text else ""
        items += (f"<Item><Area><Name>{name}</Name><Code>{code}</Code></Area><Category><Kind><Name>{kind_name}"
                  f"</Name><Code>{kind_code}</Code></Kind><LastKind><Name>{last_name}</Name><Code>{last_code}"
                  f"</Code></LastKind></Category>{first}</Item>")
    body = (f"<Tsunami><Forecast><CodeDefine><Type xpath=\"Item/Area/Code\">津波予報区</Type></CodeDefine>"
            f"{items}</Forecast></Tsunami>")
    lifted = all(kind.startswith("lift") for _, _, kind, _ in coasts)
    title = "津波予報" if lifted else "大津波警報・津波警報・津波注意報・津波予報"
    return report("津波警報・注意報・予報a", title, time, body, event_id=event_id,
                  headline="" if lifted else "津波に関する情報です。", **more)


WEATHER = {5: ("レベル５大雨特別警報", "33"), 4: ("レベル４大雨危険警報", "43"), 3: ("レベル３大雨警報", "03"),
           2: ("レベル２大雨注意報", "10")}


def rain(time, areas, *, office="札幌管区気象台", title="石狩・空知・後志地方大雨警報・注意報", **more):
    """VPWW55. areas: [(class20 code, name, level now, level before)]; 0 is nothing."""
    items = ""
    for code, name, level, before in areas:
        if level == 0 and before == 0:
            kind = "<Kind><Status>発表警報・注意報はなし</Status></Kind>"
            change = "変化無"
        elif level == 0:
            kind = (f"<Kind><Name>{WEATHER[before][0]}</Name><Code>{WEATHER[before][1]}</Code>"
                    f"<Status>解除</Status></Kind>")
            change = "警報・注意報種別に変化有"
        else:
            status = "継続" if level == before else "発表"
            kind = (f"<Kind><Name>{WEATHER[level][0]}</Name><Code>{WEATHER[level][1]}</Code>"
                    f"<Status>{status}</Status></Kind>")
            change = "変化無" if level == before else "警報・注意報種別に変化有"
        items += (f"<Item>{kind}<Area><Name>{name}</Name><Code>{code}</Code></Area>"
                  f"<ChangeStatus>{change}</ChangeStatus></Item>")
    body = f"<Warning type=\"気象警報・注意報（市町村等）\">{items}</Warning>"
    return report("気象警報・注意報（Ｒ０６）（大雨）", title, time, body, office=office,
                  headline="大雨に関する情報です。", body_namespace="meteorology1", **more)
