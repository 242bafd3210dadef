// The body of a bulk write of development information, as two releases of jira.js know it. Both were made from Atlassian's
// description, and each leaves out something else that this has as deprecated: the fifth all of an author but the e-mail, and
// much of a reviewer; the sixth the issue keys, but for those of a branch's last commit, where it wants them. So a field is
// known where one of them knows it, is needed where one of them needs it, and is what both say. Where a word is wanted, only
// those that are told count.
import type { storeDevelopmentInformation } from "jira.js/agile";
import type { StoreDevelopmentInformation as Fifth } from "jira.js-5/agile/parameters";

type Sixth = Parameters<typeof storeDevelopmentInformation>[1];

type Both<A, B> = unknown extends A ? Words<B>
  : unknown extends B ? Words<A>
  : [A, B] extends [readonly (infer Of)[], readonly (infer Other)[]] ? Both<Of, Other>[]
  : [A, B] extends [object, object] ? { [Field in keyof (A & B)]: Both<At<A, Field>, At<B, Field>> }
  : Words<A> & Words<B>;

// Who does not know a field says nothing of it.
type At<Of, Field> = Field extends keyof Of ? Exclude<Of[Field], undefined> : unknown;

type Words<Of> = [Told<Of>] extends [never] ? Of : Told<Of>;
type Told<Of> = Of extends string ? (string extends Of ? never : Of) : never;

export type Body = Both<Fifth, Sixth>;
