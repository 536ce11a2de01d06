/** Memory that is kept from run to run until it is all gone. */
export const name = "leaks";

const kept: number[][] = [];

export function fuzz(): void {
  kept.push(Array.from({ length: 200_000 }, (_, i) => i + kept.length / 7));
}
