// The process senders live in, apart from the viewers: what they receive must not delay what they send.
import { serveGenerator } from '../load/generator-host.ts';
import { Senders } from './senders.ts';

const senders = new Senders();
serveGenerator(senders.methods, () => senders.leave());
