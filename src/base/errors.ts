/**
 * Operating errors: things that go wrong outside the program and are handled (a taken port, a
 * missing file, a parent that does not answer). Each has a code from this one registry.
 * Bugs are assertions (assert.ts); expected outcomes are plain data and are never thrown.
 */
interface ErrorDoc {
  httpStatus: number;
  retryable: boolean;
  /** What it means and what to do, for docs/errors.md. */
  doc: string;
}

export const errorCodes = {
  CONFIG_INVALID: {
    httpStatus: 500,
    retryable: false,
    doc: "A setting is wrong; the message lists all problems with key, rule and place.",
  },
  CONFIG_UNREADABLE: {
    httpStatus: 500,
    retryable: false,
    doc: "The configuration file does not exist or cannot be read.",
  },
  PORT_TAKEN: {
    httpStatus: 500,
    retryable: false,
    doc: "Another program listens on the port: stop it, or configure another one.",
  },
  LISTEN_FAILED: {
    httpStatus: 500,
    retryable: false,
    doc: "The address cannot be listened on: it is not this machine's, or not permitted.",
  },
  PLATFORM_UNSUPPORTED: {
    httpStatus: 500,
    retryable: false,
    doc: "The viewer port's native library does not exist for this machine or Node.",
  },
  TIER_SECRET_MISSING: {
    httpStatus: 500,
    retryable: false,
    doc: "A tier port that other machines can reach needs tier.secret.",
  },
  TOOL_MISSING: {
    httpStatus: 500,
    retryable: false,
    doc: "A program such as ffmpeg is missing; fullhouse doctor names the command.",
  },
  TRANSCODER_FAILED: {
    httpStatus: 500,
    retryable: true,
    doc: "The encoder ended or stalled; it is started again.",
  },
  STATE_UNUSABLE: {
    httpStatus: 500,
    retryable: false,
    doc: "The state folder cannot be written, or what it holds is damaged.",
  },
  REPLAY_UNUSABLE: {
    httpStatus: 500,
    retryable: false,
    doc: "The folder of origin.source replay:DIR holds no usable recording.",
  },
  RECORDING_UNUSABLE: {
    httpStatus: 500,
    retryable: false,
    doc: "A manifest, trace or batch file of fullhouse session cannot be used; the message lists all problems with file and field.",
  },
  INPUTS_UNUSABLE: {
    httpStatus: 500,
    retryable: false,
    doc: "The file of fullhouse simulate --replay holds no night that can be run again; the message lists the problems with key and rule.",
  },
  SESSION_ENDLESS: {
    httpStatus: 500,
    retryable: false,
    doc: "A recorded link carries so little that the session of fullhouse session would not end.",
  },
  FILL_FAILED: {
    httpStatus: 502,
    retryable: true,
    doc: "No parent gave an object in time.",
  },
  CHILD_FAILED: {
    httpStatus: 500,
    retryable: false,
    doc: "A program that fullhouse start needs did not start; the message has its own words.",
  },
  TARGET_UNREACHABLE: {
    httpStatus: 502,
    retryable: true,
    doc: "What a load test is to measure does not answer, or has no live feed.",
  },
  LIMIT_TOO_LOW: {
    httpStatus: 500,
    retryable: false,
    doc: "A limit of the system, such as that of open files, is too low for what was asked.",
  },
  REQUEST_INVALID: {
    httpStatus: 400,
    retryable: false,
    doc: "A call of the admin API cannot be understood; the message says what it takes.",
  },
  USAGE: {
    httpStatus: 500,
    retryable: false,
    doc: "The command line is wrong; the exit code is 2.",
  },
} as const satisfies Record<string, ErrorDoc>;

export type ErrorCode = keyof typeof errorCodes;

/** An operating error; its message says what was wrong and what to do about it. */
export class AppError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "AppError";
    this.code = code;
  }

  get httpStatus(): number {
    return errorCodes[this.code].httpStatus;
  }

  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }
}
