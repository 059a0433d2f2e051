/** What the curves of a balancing authority are made of. Sizes are rough long-term means; nothing here is a measurement. */
export interface Profile {
  readonly code: string;
  /** Standard offset from UTC in hours. */
  readonly zone: number;
  readonly dst: boolean;
  /** Mean demand in MW, or mean generation of one that has no demand. */
  readonly base: number;
  readonly season: 'summer' | 'winter';
  readonly demand: boolean;
  /** Share of the mean generation by fuel code; the last one takes whatever the others leave. */
  readonly fuels: ReadonlyArray<readonly [code: string, share: number]>;
}

/** Code, zone (E C M P, A: Arizona without daylight time), mean MW, s(ummer) or w(inter) peak, fuels in percent. */
const TABLE = `
PJM  E 88000 s NUC32 COL14 WAT1.5 WND4 SUN2.5 OIL.3 OTH.8 NG
MISO C 73000 s NUC14 COL30 WAT1.5 WND14 SUN3 OTH.6 NG
ERCO C 48000 s NUC10 COL14 WAT.2 WND24 SUN9 BAT1 OTH.3 NG
SWPP C 30000 s NUC6 COL27 WAT5 WND38 SUN.7 OIL.2 OTH.2 NG
CISO P 25000 s COL.1 NUC9 WAT9 WND8 SUN20 OIL.3 OTH3 NG
ISNE E 13500 s NUC25 COL.4 WAT6 WND4 SUN4 BAT.2 OIL.5 OTH4 NG
NYIS E 17500 s NUC21 WAT21 WND5 SUN.8 OIL.4 OTH2 NG
BPAT P 6300 w NUC9 WND8 NG2 OTH.3 WAT
SOCO C 27000 s NUC21 COL18 WAT3 SUN5 OIL.1 OTH2 NG
TVA  C 18500 s NUC41 COL14 WAT9 SUN1 PS1 OTH.2 NG
DUK  E 11500 s NUC52 COL12 WAT2 SUN3 PS1.5 OTH.3 NG
CPLE E 7200 s NUC35 COL12 WAT1 SUN9 OIL.1 OTH.5 NG
CPLW E 900 w WAT6 SUN3 NG
FPL  E 15500 s NUC22 COL.5 SUN7 OIL.2 OTH1 NG
FPC  E 5000 s COL9 SUN5 OIL.3 OTH1 NG
TEC  E 2500 s COL5 SUN8 OTH.5 NG
FMPP E 2100 s COL15 SUN3 OTH.4 NG
JEA  E 1450 s COL18 SUN2 OIL.5 NG
GVL  E 220 s COL20 OTH25 NG
HST  E 70 s NG
TAL  E 310 s SUN4 NG
SEC  E 190 s COL40 NG
NSB  E 55 s NG
SCEG E 2700 s NUC25 COL24 WAT2 SUN8 NG
SC   E 2800 s NUC10 COL42 WAT3 SUN2 NG
LGEE E 4000 s COL75 WAT1 SUN.3 NG
AECI C 2600 s COL48 WAT2 WND14 NG
SIKE C 40 s SUN2 COL
SPA  C 90 s WAT
AEC  C 500 s COL25 WAT2 NG
EEI  C 20 s COL
OVEC E 30 s COL
GLHB C 20 s WND
AZPS A 3500 s NUC28 COL16 SUN9 WND4 BAT1 OTH.3 NG
SRP  A 3700 s NUC15 COL24 WAT2 SUN4 BAT1 NG
TEPC A 1600 s COL38 SUN8 WND7 NG
PNM  M 1600 s NUC12 COL20 WND24 SUN10 NG
EPE  M 1000 s NUC40 SUN7 NG
WALC A 900 s SUN5 NG8 WAT
NEVP P 4200 s COL4 WAT1 SUN16 GEO7 BAT1 NG
PSCO M 4900 s COL32 WAT1 WND27 SUN5 NG
WACM M 3400 s COL62 WAT14 WND9 SUN1 NG
WAUW M 90 w WAT
NWMT M 1300 w COL48 WND13 NG6 WAT
PACE M 5600 s COL52 WAT2 WND15 SUN7 GEO.6 NG
PACW P 2400 w WND18 SUN4 NG24 WAT
IPCO M 2100 s WND14 SUN6 NG16 WAT
AVA  P 1400 w COL12 WND6 OTH4 NG30 WAT
PGE  P 2500 w WND14 WAT12 SUN1 OTH.2 NG
PSEI P 3500 w COL18 WND14 WAT14 NG
SCL  P 1050 w WAT
TPWR P 550 w OTH2 WAT
CHPD P 200 w WAT
DOPD P 180 w WAT
GCPD P 650 w WND1 WAT
BANC P 2000 s WAT22 SUN4 OTH1 NG
LDWP P 3000 s COL24 NUC11 WAT9 WND6 SUN12 NG
TIDC P 300 s WAT18 NG
IID  P 420 s GEO48 WAT8 SUN14 NG
BHBA M 600 w WND12 NG25 COL
SWPW M 5200 s WND20 WAT9 NG25 COL
`;
/** Without demand: they only send out what they make. */
const GENERATION_ONLY = `
AVRN P 900 w NG45 WND
DEAA A 160 s NG
GRID P 700 w NG
GRIF A 150 s NG
GRMA A 150 s NG
GWA  M 70 w WND
HGMA A 300 s NG
SEPA E 350 s WAT
WWA  M 80 w WND
YAD  E 60 s WAT
`;

const ZONES: Readonly<Record<string, number>> = { E: -5, C: -6, M: -7, P: -8, A: -7 };

const parse = (table: string, demand: boolean): Profile[] =>
  table
    .trim()
    .split('\n')
    .map((line) => {
      const [code = '', zone = '', base = '', season = '', ...fuels] = line.split(/\s+/);
      return {
        code,
        zone: ZONES[zone] as number,
        dst: zone !== 'A',
        base: Number(base),
        season: season === 's' ? 'summer' : 'winter',
        demand,
        fuels: fuels.map((fuel): [string, number] => {
          const [, name = '', percent = ''] = /^([A-Z]+)([\d.]*)$/.exec(fuel) ?? [];
          return [name, Number(percent) / 100];
        }),
      };
    });

export const PROFILES: ReadonlyMap<string, Profile> = new Map(
  [...parse(TABLE, true), ...parse(GENERATION_ONLY, false)].map((profile) => [profile.code, profile]),
);

/** Two that trade, and the mean flow in MW from the first to the second. */
export interface Tie {
  readonly from: string;
  readonly to: string;
  readonly base: number;
}

const TIES_TABLE = `
PJM CPLE700 CPLW80 DUK600 LGEE40 MISO4500 NYIS600 TVA-300
MISO AECI-100 GLHB-20 IESO-1000 LGEE-60 MHEB-1500 SOCO-850 SPA-200 SWPP100 TVA1700 SIKE10
SWPP AECI400 EPE0 ERCO600 PNM20 PSCO30 SPA60 SPC-30 WACM130 WAUW-20
ERCO CEN-30
CISO AZPS-300 BANC-300 BPAT-2300 CEN120 IID-100 LDWP-700 NEVP-500 PACW-25 SRP-600 TIDC60 WALC50
ISNE HQT-1300 NBSO-300 NYIS100
NYIS HQT-1000 IESO-500
BPAT AVA150 BCHA-100 CHPD-60 DOPD-40 GCPD-150 IPCO100 LDWP600 NEVP80 NWMT-150 PACW500 PGE900 PSEI800 SCL250 TPWR250 BANC250
SOCO AEC150 DUK-100 FPL900 FPC250 JEA250 SC80 SCEG-60 TAL20 TVA-400
TVA AECI60 CPLW60 DUK150 EEI-5 LGEE120
DUK CPLE-300 CPLW150 SC100 SCEG80
CPLE SC60 SCEG40
SC SCEG-50
FPL FPC150 FMPP80 GVL15 HST35 JEA-60 NSB20 SEC50 TEC40
FPC FMPP60 GVL10 NSB15 SEC40 TAL10 TEC30
FMPP JEA15
JEA SEC5
SEC TEC-5
AZPS IID40 LDWP250 PACE-60 PNM100 SRP200 TEPC80 WALC-40
SRP TEPC60 WALC-80 PNM30
TEPC EPE70 PNM-60 WALC-50
EPE PNM-60
PNM PSCO40 WACM-60
WALC IID60 LDWP120 NEVP90 WACM-100
WACM PACE150 PSCO300 WAUW20 BHBA80 SWPW120
NEVP LDWP-150 PACE-250 IPCO-60
PACE IPCO250 LDWP300 NWMT-60
IPCO AVA60 NWMT-80 PACW200
AVA CHPD-80 GCPD-60 NWMT-150 PACW40
PACW GCPD-60 PGE60
PSEI CHPD-250 GCPD-150 SCL60 TPWR20
NWMT AESO80 WAUW15
BANC TIDC40
AVRN BPAT
DEAA SRP
GRID BPAT
GRIF WALC
GRMA AZPS
GWA NWMT
HGMA SRP
SEPA SOCO
WWA NWMT
YAD DUK
`;

/** Each pair once. One without demand sends all it makes to its only neighbour: `base` is then not used. */
export const TIES: readonly Tie[] = TIES_TABLE.trim()
  .split('\n')
  .flatMap((line) => {
    const [from = '', ...rest] = line.split(' ');
    return rest.map((entry) => {
      const [, to = '', base = ''] = /^([A-Z]+)(-?\d*)$/.exec(entry) ?? [];
      return { from, to, base: Number(base) };
    });
  });
