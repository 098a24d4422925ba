// The commands of NetConnection and NetStream that a publisher sends, checked and typed. Pure.
import { BarrageError } from '../../../core/errors.ts';
import { type AmfObject, type AmfValue, asAmfObject, decodeAmf0 } from './amf0.ts';
import { MESSAGE, type RtmpMessage } from './rtmp-message.ts';

/** A command; `transactionId` 0 wants no answer. */
export type RtmpCommand =
  | { readonly name: 'connect'; readonly transactionId: number; readonly connect: ConnectRequest }
  | { readonly name: 'publish'; readonly transactionId: number; readonly streamName: string }
  | {
      /** `ended` are FCUnpublish, deleteStream and closeStream; `courtesy` are calls that want any answer. */
      readonly name: 'createStream' | 'play' | 'ended' | 'prepare' | 'courtesy' | 'unknown';
      readonly transactionId: number;
      /** The command's own name, printable. */
      readonly said: string;
    };

/** What `connect` says (RTMP 1.0 section 7.2.1.1; Enhanced RTMP v2 "Enhancing NetConnection connect"). */
export interface ConnectRequest {
  /** Application path without query and outer slashes. */
  readonly app: string;
  /** Undefined when the client did not say. */
  readonly tcUrl: string | undefined;
  readonly enhanced: boolean;
  readonly flashVer: string;
}

const KINDS: Record<string, 'createStream' | 'play' | 'ended' | 'prepare' | 'courtesy'> = {
  createStream: 'createStream',
  play: 'play',
  play2: 'play',
  FCUnpublish: 'ended',
  deleteStream: 'ended',
  closeStream: 'ended',
  FCPublish: 'prepare',
  releaseStream: 'courtesy',
  _checkbw: 'courtesy',
};

/**
 * Parses a command message (types 20 and 17).
 * @throws BarrageError `BAD_REQUEST` when it is not AMF, or a field is missing or of a wrong type
 */
export function parseCommand(message: RtmpMessage): RtmpCommand {
  const { payload, type } = message;
  const [name, transaction, object, argument] = decodeAmf0(
    // AMF3 commands open with a byte that says "AMF0 follows" (section 7.1.1).
    type === MESSAGE.commandAmf3 && payload[0] === 0 ? payload.subarray(1) : payload,
  );
  if (typeof name !== 'string') throw new BarrageError('BAD_REQUEST', 'command without a name');
  const transactionId = typeof transaction === 'number' && Number.isFinite(transaction) ? transaction : 0;
  if (name === 'connect') return { name, transactionId, connect: parseConnect(asAmfObject(object)) };
  if (name === 'publish') {
    // Some encoders leave the name out when all of the address went into the application.
    const streamName = argument ?? '';
    if (typeof streamName !== 'string')
      throw new BarrageError('BAD_REQUEST', 'publish with a name that is no string');
    return { name, transactionId, streamName };
  }
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  return { name: kind ?? 'unknown', transactionId, said: name.slice(0, 32).replace(/[^\x20-\x7e]/g, '?') };
}

function parseConnect(object: AmfObject | undefined): ConnectRequest {
  const app = object?.['app'];
  if (typeof app !== 'string') throw new BarrageError('BAD_REQUEST', 'connect without an application name');
  const tcUrl = object?.['tcUrl'] ?? undefined;
  if (tcUrl !== undefined && (typeof tcUrl !== 'string' || !URL.canParse(tcUrl))) {
    throw new BarrageError('BAD_REQUEST', 'connect with a tcUrl that is no URL');
  }
  const enhanced = isOffered(object?.['fourCcList']) || isOffered(object?.['capsEx']);
  const flashVer = object?.['flashVer'];
  return {
    app: trimPath(app),
    tcUrl,
    enhanced,
    flashVer: typeof flashVer === 'string' ? flashVer.slice(0, 64) : '',
  };
}

function isOffered(value: AmfValue): boolean {
  return value !== undefined && value !== null;
}

function trimPath(path: string): string {
  return (path.split('?')[0] as string).replace(/^\/+|\/+$/g, '');
}

/** Longest stream key taken. */
const MAX_KEY_CHARACTERS = 256;

/** Application and stream key as the client spread them over its address; `key` is empty when it gave none. */
export interface PublishAddress {
  readonly app: string;
  readonly key: string;
}

/**
 * Application and key of the address forms in use: `live` + `KEY`, `live/KEY` + nothing, `KEY?query`, and
 * nothing but `?key=KEY`.
 * @throws BarrageError `UNAUTHORIZED` when the key is longer than any real one
 */
export function parsePublishAddress(appPath: string, streamName: string): PublishAddress {
  const [app = '', ...folders] = appPath.split('/');
  const [path = '', query = ''] = splitOnce(streamName, '?');
  const named = [...folders, trimPath(path)].filter((part) => part !== '').join('/');
  const key = named || (new URLSearchParams(query).get('key') ?? '');
  if (key.length > MAX_KEY_CHARACTERS) {
    throw new BarrageError('UNAUTHORIZED', `stream key longer than ${MAX_KEY_CHARACTERS} characters`);
  }
  return { app, key };
}

function splitOnce(text: string, mark: string): string[] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
