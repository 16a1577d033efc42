import { connect, type Socket } from 'node:net';

/** An answer of a server. */
export interface PlainAnswer {
  readonly status: number;
  readonly body: string;
}

interface Waiting {
  readonly resolve: (answer: PlainAnswer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One kept connection of a rank, one request at a time: the cheapest client there is, so that a load
 * on the same machine measures the server and not its clients.
 */
export class PlainConnection {
  private socket: Socket | undefined;
  private received = '';
  private waiting: Waiting | undefined;

  constructor(
    private readonly port: number,
    private readonly host = '127.0.0.1',
  ) {}

  /** Sends a request. @throws Error if the connection breaks before its answer is complete. */
  send(method: string, path: string, body?: string): Promise<PlainAnswer> {
    const socket = this.connected();
    const length = body === undefined ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`;
    const head = `${method} ${path} HTTP/1.1\r\nhost: ${this.host}:${this.port}\r\ncontent-type: application/json\r\n${length}\r\n`;
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      socket.write(head + (body ?? ''));
    });
  }

  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
  }

  private connected(): Socket {
    if (this.socket !== undefined) return this.socket;
    const socket = connect({ port: this.port, host: this.host, noDelay: true });
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      this.received += text;
      this.take();
    });
    let failure = new Error('the server closed the connection');
    socket.once('error', (error) => (failure = error));
    socket.once('close', () => {
      if (this.socket === socket) this.socket = undefined;
      this.received = '';
      this.waiting?.reject(failure);
      this.waiting = undefined;
    });
    this.socket = socket;
    return socket;
  }

  /** Takes an answer out of what was received. Bodies are ASCII: characters are bytes. */
  private take(): void {
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.received.slice(0, end);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (this.received.length < end + 4 + length) return;
    const body = this.received.slice(end + 4, end + 4 + length);
    this.received = this.received.slice(end + 4 + length);
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.resolve({ status: Number(head.slice(9, 12)), body });
  }
}
