/**
 * The keys of what viewers do for each other: the swarm's policy, and the bounds of the room, the
 * one WebSocket of a viewer at its edge.
 */
import { z } from "zod";
import { integer, networks } from "./schema-parts.ts";
import { swarmParameters } from "./swarm-parameters.ts";

/** RFC 7064 and RFC 7065: a host, and where wanted a port and (for TURN) a transport. */
const stunUrl = /^stun:([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?$/;
const turnUrl = /^turns?:([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?(\?transport=(udp|tcp))?$/;

const iceServer = z
  .strictObject({
    url: z
      .string()
      .max(256)
      .refine((url) => stunUrl.test(url) || turnUrl.test(url), {
        error: "must be stun:host[:port], or turn: or turns:host[:port][?transport=udp|tcp]",
      })
      .meta({ doc: "stun:host[:port], or turn: or turns:host[:port][?transport=udp|tcp]." }),
    username: z.string().max(256).default("").meta({ doc: "TURN only; every viewer is told it." }),
    credential: z
      .string()
      .max(256)
      .default("")
      .meta({ doc: "TURN only; every viewer is told it, so make it short-lived." }),
  })
  .refine(
    ({ url, username, credential }) => !turnUrl.test(url) || (username !== "" && credential !== ""),
    { error: "must have a username and a credential for TURN: browsers refuse it without" },
  );

export const swarm = z
  .strictObject({
    mode: z.enum(["off", "on", "auto"]).default("off").meta({
      doc: "Whether viewers pass segments on to each other (docs/swarm.md). At the origin: off forbids it to all edges. At an edge: auto goes by its own egress.",
    }),
    consent: z.enum(["inform", "ask"]).default("inform").meta({
      doc: "What viewers of an edge are told at their first visit. inform: viewers share, and may turn it off; ask: nothing is shared before they say yes.",
    }),
    // 60 and 40 of 100 of a gigabit port.
    autoOnMbps: integer(
      600,
      { min: 1, max: 1_000_000 },
      "auto: the swarm goes on when the viewer port's egress passes this. The default is for a gigabit; 60 in 100 of edge.capacityMbps suit another port.",
    ),
    autoOffMbps: integer(
      400,
      { min: 0, max: 1_000_000 },
      "auto: it goes off when egress and what peers gave each other fall below this together. The default is for a gigabit; 40 in 100 of edge.capacityMbps suit another port.",
    ),
    // Nearly three times the top rung of 2008; a fifth of the uplink of a 10 Mbps line.
    uploadKbpsMax: integer(
      2_000,
      { min: 0, max: 1_000_000 },
      "Most that a viewer sends to others, averaged over a few seconds; 0: what its line gives.",
    ),
    seedCount: integer(
      swarmParameters.seedCount,
      { min: 1, max: swarmParameters.seedCountMax },
      "Viewers of a full cell (32) who fetch a segment from the edge as soon as it is there; smaller cells have fewer in proportion, but one.",
    ),
    iceServers: z.array(iceServer).max(4).default([]).meta({
      doc: "STUN and TURN servers for viewers; none: only viewers who reach each other directly connect.",
    }),
    turnRelayAddresses: networks(
      "Addresses or networks that the TURN servers of iceServers relay from, where these are not the addresses of their hosts: candidates that name others are not passed on.",
    ),
  })
  .refine(({ autoOnMbps, autoOffMbps }) => autoOffMbps < autoOnMbps, {
    path: ["autoOffMbps"],
    error: "must be below swarm.autoOnMbps, or the swarm would go on and off in turn",
  });

export const room = z.strictObject({
  socketCountMax: integer(
    15_000,
    { min: 0, max: 1_000_000 },
    "Viewers in the rooms of this edge, beside viewer.connectionCountMax; past it one of the address that has most makes room, or newcomers are told to come again. 0: no rooms.",
  ),
  addressSocketCountMax: integer(
    2_000,
    { min: 1, max: 1_000_000 },
    "Of those, most of one address (of IPv6: of one /64).",
  ),
  // All of a full edge within a minute; by then most have begun to give.
  joinsPerSecMax: integer(
    300,
    { min: 1, max: 100_000 },
    "Viewers who come to a cell, on average, of all feeds; more of them wait. Each makes about 60 messages.",
  ),
  // Six for each of four calls of so many viewers, and some more; a quarter of a core.
  signalsPerSecMax: integer(
    10_000,
    { min: 10, max: 1_000_000 },
    "Signals relayed between viewers, on average; joins wait when half of two seconds' worth is spent, past all of it signals are left out.",
  ),
  introductionsPerMinMax: integer(
    30,
    { min: 4, max: 100_000 },
    "Others whom a viewer is made known to, on average, and as many at once: each may see its address.",
  ),
  addressIntroductionsPerMinMax: integer(
    1_200,
    { min: 4, max: 1_000_000 },
    "The same of all viewers of one address, without those among themselves.",
  ),
  messagesPerSecMax: integer(
    20,
    { min: 1, max: 10_000 },
    "Messages of one viewer, on average; past it (and messageBurstMax) the socket is closed.",
  ),
  messageBurstMax: integer(
    100,
    { min: 1, max: 100_000 },
    "Messages that one viewer may send at once, above messagesPerSecMax.",
  ),
  backlogBytesMax: integer(
    65_536,
    { min: 16_384, max: 16_777_216 },
    "What waits for one viewer to take it; past it the socket is closed.",
  ),
  allowedOrigins: z
    .array(
      z
        .string()
        .max(256)
        .regex(/^https?:\/\/[^/\s?#]+$/, {
          error: "must be an origin, for example https://tv.example.org",
        })
        .toLowerCase(),
    )
    .max(64)
    .default([])
    .meta({
      doc: "Origins of pages that may enter, beside the edge's own; programs say none and may.",
    }),
});
