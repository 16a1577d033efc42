import { InputError } from '../../src/errors.js';
import { reason } from '../disk/reason.js';

/** The reason why a command cannot serve at an address, and the remedy. */
export function listeningError(
  command: string,
  error: unknown,
  port: number,
  host: string,
): InputError {
  return InputError.of({ source: command, ...refusal(error, port, host) });
}

function refusal(error: unknown, port: number, host: string) {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return {
        field: '--port',
        message: `found ${port}, but another program already uses that port; choose another one, or 0 for any that is free`,
      };
    case 'EACCES':
      return {
        field: '--port',
        message: `found ${port}, which this user may not use; choose one from 1024`,
      };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        field: '--host',
        message: `found "${host}", which is not a name or address of this machine; 127.0.0.1 is this machine alone, 0.0.0.0 all of its addresses`,
      };
    default:
      return { message: `nothing can be served at ${host}:${port}: ${reason(error)}` };
  }
}

/** The address of a server, for a browser. */
export function addressOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
}
