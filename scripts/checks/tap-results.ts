// Counts what a TAP 14 stream (https://testanything.org/tap-version-14-specification.html) really says, as tap writes
// it for several test files: one top-level subtest a file. Counts and reports; runs nothing.

/** Numbers of tests. A test is what a file's own level reports: a `t.test()`, or an assertion outside of any. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What became of one test file. */
export interface FileResult extends TestCounts {
  readonly name: string;
  /** Lines that describe the failures: the failed results, innermost first, with their diagnostics. */
  readonly failures: readonly string[];
}

const INDENT = 4;
const RESULT = /^( *)(not )?ok\b(?: \d+)?(?: - )?(.*)$/;
const DIRECTIVE = /(?<!\\)# (SKIP|TODO)\b/i;

/** Takes the stream line by line. */
export class TapResults {
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  #planned: number | undefined;
  #files = 0;
  #file = '';
  #total: TestCounts = { passed: 0, failed: 0, skipped: 0 };
  #failures: string[] = [];
  #yamlEnd: string | undefined;
  #yamlShown = false;
  #lastFailureDepth = 0;

  /** Takes one line without its line end. Returns the file's result when the line completes a test file. */
  push(line: string): FileResult | undefined {
    if (this.#inYaml(line)) return undefined;
    const result = RESULT.exec(line);
    if (result) return this.#takeResult(line, result);
    this.#file = /^# Subtest: (.*)/.exec(line)?.[1] ?? this.#file;
    const plan = /^1\.\.(\d+)/.exec(line)?.[1];
    if (plan !== undefined) this.#planned = Number(plan);
    if (/^ *Bail out!/.test(line)) this.#takeFailure(line.trim(), 0);
    return undefined;
  }

  /** The counts once the stream has ended. A file that was planned but never reported counts as one failure. */
  end(): TestCounts {
    const { passed, failed, skipped } = this.#total;
    const missing = Math.max(0, (this.#planned ?? this.#files) - this.#files);
    return { passed, failed: failed + this.#failed + missing, skipped };
  }

  /** A diagnostic may hold anything, lines that look like results too: it ends only where it says so. */
  #inYaml(line: string): boolean {
    if (this.#yamlEnd === undefined) {
      const start = /^( *)---$/.exec(line);
      if (!start) return false;
      this.#yamlEnd = `${start[1]}...`;
      return true;
    }
    if (line === this.#yamlEnd) this.#yamlEnd = undefined;
    else if (this.#yamlShown) this.#failures.push(line);
    return true;
  }

  #takeResult(line: string, [, indent = '', not, rest = '']: RegExpExecArray): FileResult | undefined {
    const depth = indent.length / INDENT;
    const directive = DIRECTIVE.exec(rest)?.[1]?.toUpperCase();
    const failed = not !== undefined && directive === undefined;
    this.#yamlShown = false;
    if (failed && depth > 0) this.#takeFailure(line, depth);
    if (depth === 1) this.#count(failed, directive !== undefined);
    if (depth > 0) return undefined;
    // The result line of a file that timed out does not name it.
    return this.#endFile(this.#file || rest, failed);
  }

  #takeFailure(line: string, depth: number): void {
    // A parent of a failure shown just before has nothing to add but its name.
    this.#yamlShown = depth >= this.#lastFailureDepth;
    this.#lastFailureDepth = depth;
    this.#failures.push(line);
    if (depth === 0) this.#failed += 1;
  }

  #count(failed: boolean, skipped: boolean): void {
    if (failed) this.#failed += 1;
    else if (skipped) this.#skipped += 1;
    else this.#passed += 1;
  }

  #endFile(name: string, failed: boolean): FileResult {
    // A file can fail with all its tests passed: it crashed, timed out, or broke its plan.
    if (failed && this.#failed === 0) {
      this.#failed = 1;
      this.#failures.push(`    not ok - ${name} itself (crash, exit code, time-out or no tests)`);
    }
    const counts = { passed: this.#passed, failed: this.#failed, skipped: this.#skipped };
    const result = { name, ...counts, failures: this.#failures };
    this.#files += 1;
    this.#total = addCounts(this.#total, counts);
    this.#passed = this.#failed = this.#skipped = this.#lastFailureDepth = 0;
    this.#file = '';
    this.#failures = [];
    return result;
  }
}

/** The sum of two counts. */
export function addCounts(a: TestCounts, b: TestCounts): TestCounts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}
