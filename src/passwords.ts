/** Addresses with something before an @: a user, a password, or both. */
const CREDENTIALS = /\b([a-z][a-z0-9+.-]*:\/\/)([^\s]*)@/gi;
/** Options of an address that hold secrets. */
const SECRET_OPTIONS = /([?&](?:password|pass|pwd|token|auth|secret|key)=)[^&#\s"']+/gi;

/**
 * Masks the passwords in a text's addresses: `redis://user:***@host`. No part of a password is
 * kept, even if it contains characters that should have been encoded (@, /, #).
 */
export function withoutPasswords(text: string): string {
  return text
    .replace(CREDENTIALS, (_, scheme: string, credentials: string) => scheme + masked(credentials))
    .replace(SECRET_OPTIONS, '$1***');
}

/**
 * Masks the password of an address, even an invalid one: all before the last @ counts as
 * credentials, and so does a port that is not a number.
 */
export function addressWithoutPassword(address: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/is.exec(address)!;
  const at = rest.lastIndexOf('@');
  const shown = at < 0 ? rest : masked(rest.slice(0, at)) + rest.slice(at + 1);
  // Without an @ the host may have been forgotten: user:password.
  const safe = at < 0 ? shown.replace(/^([^:/?#[]*):(?!\d+(?:[/?#]|$)).+$/s, '$1:***') : shown;
  return (scheme + safe).replace(SECRET_OPTIONS, '$1***');
}

/** A user alone may be a token; followed by a password, it is a name. */
function masked(credentials: string): string {
  const colon = credentials.indexOf(':');
  const user = colon < 0 ? '' : credentials.slice(0, colon);
  return /^[\w.-]*$/.test(user) && colon >= 0 ? `${user}:***@` : '***@';
}
