// Compiles only if the generated types are what clients rely on: events are told apart by `type`
// and `v`, nothing is `any`, and optional fields are absent, not undefined.
import type {
  BuyCommand,
  CaughtUp,
  ClientSocketMessage,
  paths,
  PurchaseUpdateV2,
  SyncFrame,
} from '../../clients/typescript/src/generated/contract.ts';

type IsAny<T> = 0 extends 1 & T ? true : false;
const frameIsNotAny: IsAny<SyncFrame> = false;
const polledFrameIsNotAny: IsAny<CaughtUp['frames'][number]> = false;

export function price(frame: SyncFrame): number | string {
  if (frame.type === 'purchase_update') {
    return frame.v === 2 ? frame.data.price : frame.data.amount;
  }
  if (frame.type === 'sync_connected') {
    return frame.recovered ? frame.epoch : (frame.reason ?? 'fresh');
  }
  if (frame.type === 'pong') {
    // @ts-expect-error a pong has no data
    return frame.data;
  }
  return 0;
}

export const ping: ClientSocketMessage = { type: 'ping' };
export const buy: BuyCommand = { product_id: 'gold_100' };
// @ts-expect-error a required field is missing
export const nothing: BuyCommand = {};
// @ts-expect-error no such version
export const version: PurchaseUpdateV2['v'] = 1;
// @ts-expect-error an optional field is absent, not undefined
export const receipt: Pick<PurchaseUpdateV2['data'], 'receipt_code'> = { receipt_code: undefined };

type Spin = paths['/api/games/slot/spin']['post'];
export type Refused = Spin['responses'][409]['content']['application/problem+json'];
const codeIsNotAny: IsAny<Refused['code']> = false;

export const checks = [frameIsNotAny, polledFrameIsNotAny, codeIsNotAny];
