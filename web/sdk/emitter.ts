// A typed event emitter for the browser: one payload an event, and `on` returns its own undoing.

/** Undoes a subscription; safe to call twice. */
export type Unsubscribe = () => void;

type Listener = (payload: never) => void;

/** Base of the SDK's live classes. `E` maps event names to their payload (`undefined` for none). */
export class Emitter<E extends object> {
  readonly #listeners = new Map<keyof E, Set<Listener>>();

  /** Calls `listener` on every later event of that name, in order of subscription. */
  on<K extends keyof E>(event: K, listener: (payload: E[K]) => void): Unsubscribe {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    listeners.add(listener as Listener);
    return () => {
      listeners.delete(listener as Listener);
    };
  }

  /** Calls the listeners. One that throws does not keep the others from hearing; its error is reported. */
  emit<K extends keyof E>(event: K, payload: E[K]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        (listener as (payload: E[K]) => void)(payload);
      } catch (error) {
        reportLater(error);
      }
    }
  }
}

function reportLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
