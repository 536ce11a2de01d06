/**
 * Operating errors: things that go wrong outside the program and are handled (a taken port, a
 * missing file, a parent that does not answer). Each has a code from this one registry.
 * Bugs are assertions (assert.ts); expected outcomes are plain data and are never thrown.
 */
export const errorCodes = {
  CONFIG_INVALID: { httpStatus: 500, retryable: false },
  CONFIG_UNREADABLE: { httpStatus: 500, retryable: false },
  PORT_TAKEN: { httpStatus: 500, retryable: false },
  LISTEN_FAILED: { httpStatus: 500, retryable: false },
  PLATFORM_UNSUPPORTED: { httpStatus: 500, retryable: false },
  TIER_SECRET_MISSING: { httpStatus: 500, retryable: false },
  TOOL_MISSING: { httpStatus: 500, retryable: false },
  TRANSCODER_FAILED: { httpStatus: 500, retryable: true },
  STATE_UNUSABLE: { httpStatus: 500, retryable: false },
  REPLAY_UNUSABLE: { httpStatus: 500, retryable: false },
  FILL_FAILED: { httpStatus: 502, retryable: true },
  USAGE: { httpStatus: 500, retryable: false },
} as const satisfies Record<string, { httpStatus: number; retryable: boolean }>;

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
