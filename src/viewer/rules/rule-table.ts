/** The ABR rules by name, for those who take any of them; k6 imports the file of one. */
import type { RungRule, ViewerLadder } from "../viewer-ladder.ts";
import type { Viewers } from "../viewers.ts";
import { bolaBasic } from "./bola-basic.ts";
import { bola, bolaAbandonTo } from "./bola.ts";
import { bolae, bolaeAbandonTo, bolaeAbandoned, bolaeDownloaded } from "./bolae.ts";
import { dynamic } from "./dynamic.ts";
import { dynamicdash, dynamicdashAbandonTo } from "./dynamicdash.ts";
import { fixed } from "./fixed.ts";
import { hlsjs } from "./hlsjs.ts";
import { moveLike } from "./move-like.ts";
import { throughput, throughputAbandonTo } from "./throughput.ts";

export interface AbrRule {
  /** The rung of the next segment; `fixed` takes its rung as parameter, the others take none. */
  readonly choose: RungRule;
  /** The rung of the first segment, where the rule has one and does not ask the ladder. */
  readonly firstRung: number | undefined;
  /** To be called when a segment of `rung` is in the buffer, `downloadMs` after its request. */
  readonly downloaded:
    | ((
        viewers: Viewers,
        i: number,
        ladder: ViewerLadder,
        nowMs: number,
        rung: number,
        downloadMs: number,
      ) => void)
    | undefined;
  /** Whether to give up a running download: the rung to take instead, or -1 to go on. */
  readonly abandonTo:
    | ((
        viewers: Viewers,
        i: number,
        ladder: ViewerLadder,
        rung: number,
        bits: number,
        receivedBits: number,
        elapsedMs: number,
        firstByteMs: number,
        bufferMs: number,
      ) => number)
    | undefined;
  /** To be called when a download of `rung` was given up for `lower`. */
  readonly abandoned:
    | ((
        viewers: Viewers,
        i: number,
        ladder: ViewerLadder,
        nowMs: number,
        rung: number,
        lower: number,
      ) => void)
    | undefined;
}

/** All have one shape, so that calls through the table stay fast. */
function rule(choose: RungRule, more: Partial<AbrRule> = {}): AbrRule {
  return {
    choose,
    firstRung: undefined,
    downloaded: undefined,
    abandonTo: undefined,
    abandoned: undefined,
    ...more,
  };
}

const ofBolae = { firstRung: 0, downloaded: bolaeDownloaded, abandoned: bolaeAbandoned };

export const abrRules = {
  hlsjs: rule(hlsjs),
  throughput: rule(throughput, { firstRung: 0, abandonTo: throughputAbandonTo }),
  bola: rule(bola, { firstRung: 0, abandonTo: bolaAbandonTo }),
  "bola-basic": rule(bolaBasic, { firstRung: 0 }),
  bolae: rule(bolae, { ...ofBolae, abandonTo: bolaeAbandonTo }),
  dynamic: rule(dynamic, { firstRung: 0, abandonTo: throughputAbandonTo }),
  dynamicdash: rule(dynamicdash, { ...ofBolae, abandonTo: dynamicdashAbandonTo }),
  "move-like": rule(moveLike, { firstRung: 0 }),
  fixed: rule(fixed),
} as const satisfies Record<string, AbrRule>;

export type AbrName = keyof typeof abrRules;

export const abrNames = Object.keys(abrRules) as readonly AbrName[];
