namespace Rindoku.Tests;

/// <summary>Tests that look at what the whole process holds run when no other test does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
