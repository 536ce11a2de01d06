/** Which versions of Node run Fullhouse; `engines` of package.json says the same, by test. */
export const nodeVersionMin = "20.19";

/** Whether a version such as "20.20.2" is new enough. */
export function isNodeSupported(version) {
  const [major, minor] = version.split(".").map(Number);
  const [majorMin, minorMin] = nodeVersionMin.split(".").map(Number);
  return major > majorMin || (major === majorMin && minor >= minorMin);
}
