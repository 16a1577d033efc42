/**
 * Fraction of the copies leaving a node that remains when a token is sent once to each node with
 * experts of it, and not once to each expert (DeepSeek-V3, arXiv 2412.19437, section 3.2.2):
 * distinct other nodes over choices on other nodes, both expected for choices without preference.
 */
export function leavingPart(
  { experts, perToken }: { readonly experts: number; readonly perToken: number },
  nodes: number,
): number {
  if (nodes <= 1) return 1;
  const ofNode = experts / nodes;
  // The probability that none of a token's experts is on a certain node: choices without
  // repetition.
  let missesNode = 1;
  for (let k = 0; k < perToken; k++) {
    missesNode *= Math.max(0, experts - ofNode - k) / (experts - k);
  }
  return (nodes * (1 - missesNode)) / perToken;
}
