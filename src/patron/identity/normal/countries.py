"""Countries by code and by name, as ISO 3166 two-letter codes."""

from __future__ import annotations

import re
from functools import lru_cache

from patron.identity.normal.text import REMEMBERED, matching

_CODES = """
AD AND Andorra; AE ARE United Arab Emirates; AF AFG Afghanistan; AG ATG Antigua and Barbuda
AI AIA Anguilla; AL ALB Albania; AM ARM Armenia; AO AGO Angola; AQ ATA Antarctica
AR ARG Argentina; AS ASM American Samoa; AT AUT Austria; AU AUS Australia; AW ABW Aruba
AX ALA Aland Islands; AZ AZE Azerbaijan; BA BIH Bosnia and Herzegovina; BB BRB Barbados
BD BGD Bangladesh; BE BEL Belgium; BF BFA Burkina Faso; BG BGR Bulgaria; BH BHR Bahrain
BI BDI Burundi; BJ BEN Benin; BL BLM Saint Barthelemy; BM BMU Bermuda; BN BRN Brunei
BO BOL Bolivia; BQ BES Bonaire; BR BRA Brazil; BS BHS Bahamas; BT BTN Bhutan
BV BVT Bouvet Island; BW BWA Botswana; BY BLR Belarus; BZ BLZ Belize; CA CAN Canada
CC CCK Cocos Islands; CD COD Democratic Republic of the Congo; CF CAF Central African Republic
CG COG Congo; CH CHE Switzerland; CI CIV Ivory Coast; CK COK Cook Islands; CL CHL Chile
CM CMR Cameroon; CN CHN China; CO COL Colombia; CR CRI Costa Rica; CU CUB Cuba
CV CPV Cape Verde; CW CUW Curacao; CX CXR Christmas Island; CY CYP Cyprus; CZ CZE Czechia
DE DEU Germany; DJ DJI Djibouti; DK DNK Denmark; DM DMA Dominica; DO DOM Dominican Republic
DZ DZA Algeria; EC ECU Ecuador; EE EST Estonia; EG EGY Egypt; EH ESH Western Sahara
ER ERI Eritrea; ES ESP Spain; ET ETH Ethiopia; FI FIN Finland; FJ FJI Fiji
FK FLK Falkland Islands; FM FSM Micronesia; FO FRO Faroe Islands; FR FRA France; GA GAB Gabon
GB GBR United Kingdom; GD GRD Grenada; GE GEO Georgia; GF GUF French Guiana; GG GGY Guernsey
GH GHA Ghana; GI GIB Gibraltar; GL GRL Greenland; GM GMB Gambia; GN GIN Guinea
GP GLP Guadeloupe; GQ GNQ Equatorial Guinea; GR GRC Greece; GS SGS South Georgia
GT GTM Guatemala; GU GUM Guam; GW GNB Guinea-Bissau; GY GUY Guyana; HK HKG Hong Kong
HM HMD Heard Island; HN HND Honduras; HR HRV Croatia; HT HTI Haiti; HU HUN Hungary
ID IDN Indonesia; IE IRL Ireland; IL ISR Israel; IM IMN Isle of Man; IN IND India
IO IOT British Indian Ocean Territory; IQ IRQ Iraq; IR IRN Iran; IS ISL Iceland; IT ITA Italy
JE JEY Jersey; JM JAM Jamaica; JO JOR Jordan; JP JPN Japan; KE KEN Kenya; KG KGZ Kyrgyzstan
KH KHM Cambodia; KI KIR Kiribati; KM COM Comoros; KN KNA Saint Kitts and Nevis
KP PRK North Korea; KR KOR South Korea; KW KWT Kuwait; KY CYM Cayman Islands; KZ KAZ Kazakhstan
LA LAO Laos; LB LBN Lebanon; LC LCA Saint Lucia; LI LIE Liechtenstein; LK LKA Sri Lanka
LR LBR Liberia; LS LSO Lesotho; LT LTU Lithuania; LU LUX Luxembourg; LV LVA Latvia
LY LBY Libya; MA MAR Morocco; MC MCO Monaco; MD MDA Moldova; ME MNE Montenegro
MF MAF Saint Martin; MG MDG Madagascar; MH MHL Marshall Islands; MK MKD North Macedonia
ML MLI Mali; MM MMR Myanmar; MN MNG Mongolia; MO MAC Macao; MP MNP Northern Mariana Islands
MQ MTQ Martinique; MR MRT Mauritania; MS MSR Montserrat; MT MLT Malta; MU MUS Mauritius
MV MDV Maldives; MW MWI Malawi; MX MEX Mexico; MY MYS Malaysia; MZ MOZ Mozambique
NA NAM Namibia; NC NCL New Caledonia; NE NER Niger; NF NFK Norfolk Island; NG NGA Nigeria
NI NIC Nicaragua; NL NLD Netherlands; NO NOR Norway; NP NPL Nepal; NR NRU Nauru; NU NIU Niue
NZ NZL New Zealand; OM OMN Oman; PA PAN Panama; PE PER Peru; PF PYF French Polynesia
PG PNG Papua New Guinea; PH PHL Philippines; PK PAK Pakistan; PL POL Poland
PM SPM Saint Pierre and Miquelon; PN PCN Pitcairn; PR PRI Puerto Rico; PS PSE Palestine
PT PRT Portugal; PW PLW Palau; PY PRY Paraguay; QA QAT Qatar; RE REU Reunion; RO ROU Romania
RS SRB Serbia; RU RUS Russia; RW RWA Rwanda; SA SAU Saudi Arabia; SB SLB Solomon Islands
SC SYC Seychelles; SD SDN Sudan; SE SWE Sweden; SG SGP Singapore; SH SHN Saint Helena
SI SVN Slovenia; SJ SJM Svalbard and Jan Mayen; SK SVK Slovakia; SL SLE Sierra Leone
SM SMR San Marino; SN SEN Senegal; SO SOM Somalia; SR SUR Suriname; SS SSD South Sudan
ST STP Sao Tome and Principe; SV SLV El Salvador; SX SXM Sint Maarten; SY SYR Syria
SZ SWZ Eswatini; TC TCA Turks and Caicos Islands; TD TCD Chad
TF ATF French Southern Territories; TG TGO Togo; TH THA Thailand; TJ TJK Tajikistan
TK TKL Tokelau; TL TLS Timor-Leste; TM TKM Turkmenistan; TN TUN Tunisia; TO TON Tonga
TR TUR Turkey; TT TTO Trinidad and Tobago; TV TUV Tuvalu; TW TWN Taiwan; TZ TZA Tanzania
UA UKR Ukraine; UG UGA Uganda; UM UMI United States Minor Outlying Islands
US USA United States; UY URY Uruguay; UZ UZB Uzbekistan; VA VAT Vatican City
VC VCT Saint Vincent and the Grenadines; VE VEN Venezuela; VG VGB British Virgin Islands
VI VIR United States Virgin Islands; VN VNM Vietnam; VU VUT Vanuatu; WF WLF Wallis and Futuna
WS WSM Samoa; XK XKX Kosovo; YE YEM Yemen; YT MYT Mayotte; ZA ZAF South Africa; ZM ZMB Zambia
ZW ZWE Zimbabwe
"""

_NAMES = """
AT Österreich, Oesterreich, Austria; AU Australien; BE Belgien, België, Belgique, Belgia
BR Brasil, Brasilien; CH Schweiz, Suisse, Svizzera, Szwajcaria; CI Côte d'Ivoire
CN People's Republic of China, Chiny, Zhongguo, 中国; CZ Czech Republic, Tschechien, Česko, Czechy
DE Deutschland, Federal Republic of Germany, Niemcy, Allemagne, เยอรมนี
DK Danmark, Dänemark, Dania; ES España, Spanien, Hiszpania; FI Suomi, Finnland
FR Frankreich, Francja; GR Hellas, Griechenland, Grecja
GB UK, Great Britain, Britain, England, Scotland, Wales, Northern Ireland, Wielka Brytania
GB Großbritannien, Vereinigtes Königreich, Anglia; HR Hrvatska, Kroatien
HU Magyarország, Ungarn, Węgry; IE Éire, Republic of Ireland, Irland, Irlandia
IN Bharat, Indien; IT Italia, Italien, Włochy; JP Nippon, 日本
KR Korea, Republic of Korea, 대한민국, 한국; KP Democratic People's Republic of Korea
LT Lietuva, Litauen, Litwa; LU Luxemburg; LV Latvija, Lettland, Łotwa; MM Burma
MK Macedonia; MO Macau; MX México
NL Nederland, Niederlande, Holland, Holandia, The Netherlands; NO Norge, Norwegen, Norwegia
PH The Philippines; PL Polska, Polen, Republic of Poland, Rzeczpospolita Polska, Pologne
PT Portugalia; RO România, Rumänien; RU Russian Federation, Россия, Russland, Rosja
SE Sverige, Schweden, Szwecja; SK Slovensko, Slowakei, Słowacja; SZ Swaziland
TH ประเทศไทย, ไทย, Kingdom of Thailand, Siam; TR Türkiye, Türkei; TW 台灣
UA Україна, Ukraina; US United States of America, U.S.A., America, USA, U.S., Vereinigte Staaten
US Stany Zjednoczone; VN Việt Nam, Viet Nam
"""

_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{4})?[-_]([A-Za-z]{2})(?:[.@_-].*)?")


def _known() -> tuple[dict[str, str], frozenset[str]]:
    names: dict[str, str] = {}
    codes = set()
    for entry in re.split(r"[;\n]", _CODES.strip()):
        code, three, name = entry.strip().split(" ", 2)
        codes.add(code)
        for key in (code, three, name):
            names[matching(key)] = code
    for entry in re.split(r"[;\n]", _NAMES.strip()):
        code, _, others = entry.strip().partition(" ")
        for name in others.split(","):
            names[matching(name)] = code
    return names, frozenset(codes)


_BY_NAME, COUNTRIES = _known()


@lru_cache(REMEMBERED)
def country(text: str) -> str | None:
    """The two-letter code of a country, given by code or by name; None when it is none known.

    Names are known in English, those of many countries also in their own and nearby languages.

    >>> country("Deutschland"), country("POL"), country("th"), country("Atlantis")
    ('DE', 'PL', 'TH', None)
    """
    plain = matching(text)
    found = _BY_NAME.get(plain) or _BY_NAME.get(plain.removeprefix("the "))
    return found or _BY_NAME.get(plain.replace(" ", ""))


def region(text: str) -> str | None:
    """The country that a value of context names: a country, or a locale with one.

    >>> region("de-AT"), region("zh_Hant_TW"), region("Polska"), region("en")
    ('AT', 'TW', 'PL', None)
    """
    locale = _LOCALE.fullmatch(text.strip())
    if locale is not None:
        code = locale[1].upper()
        return code if code in COUNTRIES else None
    if len(text.strip()) == 2 and text.strip().islower():
        # Of two small letters nobody can say whether they are a language or a country.
        return None
    return country(text)
