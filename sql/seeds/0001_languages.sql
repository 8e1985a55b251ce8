-- The languages that the platform teaches. What editors changed since stays: a row is added, never written over.

INSERT INTO learning.programming_languages (id, slug, name, description, position)
VALUES
(
    'c0de0000-0000-4000-8000-000000000001', 'python', 'Python',
    'Readable and quick to write: scripts, web services, data.', 0
),
(
    'c0de0000-0000-4000-8000-000000000002', 'javascript', 'JavaScript',
    'The language of the browser, and of servers with Node.', 1
),
(
    'c0de0000-0000-4000-8000-000000000003', 'typescript', 'TypeScript',
    'JavaScript with types that are checked before it runs.', 2
),
(
    'c0de0000-0000-4000-8000-000000000004', 'java', 'Java',
    'Typed and long-lived: large services and Android.', 3
),
(
    'c0de0000-0000-4000-8000-000000000005', 'c-sharp', 'C#',
    'Typed, for .NET: services, desktop programs and games.', 4
),
(
    'c0de0000-0000-4000-8000-000000000006', 'go', 'Go',
    'Small and compiled, made for concurrent servers and tools.', 5
),
(
    'c0de0000-0000-4000-8000-000000000007', 'rust', 'Rust',
    'Compiled, without a garbage collector, and safe in memory.', 6
),
(
    'c0de0000-0000-4000-8000-000000000008', 'sql', 'SQL',
    'Ask and change relational databases.', 7
)
ON CONFLICT (id) DO NOTHING;
