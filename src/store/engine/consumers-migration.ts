/** Positions of consumers in topics of Kafka, and the messages that could not be stored; alike in both dialects. */
export const CONSUMERS = `
  CREATE TABLE consumer_positions (
    consumer TEXT NOT NULL,
    topic TEXT NOT NULL,
    part INTEGER NOT NULL,
    -- A topic that is deleted and made anew counts its messages from 0 again.
    topic_id TEXT NOT NULL,
    next_message INTEGER NOT NULL,
    PRIMARY KEY (consumer, topic, part)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE consumer_rejects (
    consumer TEXT NOT NULL,
    topic TEXT NOT NULL,
    part INTEGER NOT NULL,
    message INTEGER NOT NULL,
    -- Which row of the message; one message may have several.
    row_number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    text TEXT NOT NULL,
    user_id TEXT,
    PRIMARY KEY (consumer, topic, part, message, row_number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX consumer_rejects_at ON consumer_rejects (at);
`;

/** Tables of consumers as Kysely sees them. Times are milliseconds. */
export interface ConsumerTables {
  consumer_positions: {
    consumer: string;
    topic: string;
    part: number;
    topic_id: string;
    next_message: number;
  };
  consumer_rejects: {
    consumer: string;
    topic: string;
    part: number;
    message: number;
    row_number: number;
    at: number;
    reason: string;
    text: string;
    user_id: string | null;
  };
}
