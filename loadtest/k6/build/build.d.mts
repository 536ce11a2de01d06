/** Types of build.mjs. */
export const k6Version: string;
export const k6Environment: Readonly<Record<string, string>>;
export function findK6(): string | undefined;
export function k6Path(say?: (line: string) => void): Promise<string>;
export function describeK6(): { ok: boolean; line: string };
export function cacheFolder(): string;
