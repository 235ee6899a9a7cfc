// Validates the AsyncAPI document on stdin with the official parser; prints its findings as JSON.
import { readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';

const { document, diagnostics } = await new Parser().parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify({
  parsed: document !== undefined,
  messages: document?.allMessages().all().length ?? 0,
  findings: diagnostics.map(({ code, severity, message, path }) => ({
    code, severity, message, path: path.join('/'),
  })),
}));
