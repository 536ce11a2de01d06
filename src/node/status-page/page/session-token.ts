/**
 * The bearer token of this tab: from the fragment of the address, which is never sent to anybody and
 * is taken out of the address bar at once, or typed in. Kept for as long as the tab is open.
 */
const key = "fullhouse-admin-token";

/** A token in the fragment, taken out of the address; undefined when there is none. */
export function takeFragmentToken(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return undefined;
  history.replaceState(null, "", location.pathname + location.search);
  return token.trim();
}

export function keptToken(): string | undefined {
  return sessionStorage.getItem(key) ?? undefined;
}

export function keepToken(token: string): void {
  sessionStorage.setItem(key, token);
}

export function forgetToken(): void {
  sessionStorage.removeItem(key);
}
