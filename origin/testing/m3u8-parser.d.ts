/** The part of m3u8-parser 7 that tests use; the package has no types. */
declare module "m3u8-parser" {
  export class Parser {
    readonly manifest: { segments: unknown[] };
    on(event: "warn" | "error", listener: (problem: { message: string }) => void): void;
    push(text: string): void;
    end(): void;
  }
}
