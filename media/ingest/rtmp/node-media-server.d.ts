// Types of what is taken from node-media-server 4.4.3, as far as it is used. The package has none.
declare module 'node-media-server/src/protocol/rtmp.js' {
  /** RTMP codec of one connection: handshake, chunk parser, and writers of commands and control messages. */
  export default class Rtmp {
    /** 0 to 3; 3 once the client's C2 is in. */
    handshakeState: number;
    /** An FLV reader with a megabyte of buffer; not used here. */
    flv: unknown;
    /** Largest payload of a chunk that the writers make. */
    outChunkSize: number;
    onOutputCallback: (buffer: Buffer) => void;
    parserData(buffer: Buffer): string | null;
    chunkRead(data: Buffer, position: number, bytes: number): string | null;
    sendACK(bytes: number): void;
    sendWindowACK(bytes: number): void;
    setPeerBandwidth(bytes: number, type: number): void;
    setChunkSize(bytes: number): void;
    sendStreamStatus(event: number, value: number): void;
    sendInvokeMessage(streamId: number, message: object): void;
    sendStatusMessage(streamId: number, level: string, code: string, description: string): void;
  }
}

declare module 'node-media-server/src/core/logger.js' {
  /** The package's own logger, which prints to stdout from level `debug` on. */
  const logger: { level: 'trace' | 'debug' | 'info' | 'warn' | 'error' };
  export default logger;
}
