namespace Rindoku.Lab;

/// <summary>The settings of one arm in one profile.</summary>
/// <param name="Profile">The profile.</param>
/// <param name="Arm">The arm.</param>
/// <param name="Values">The experiment's own record of settings.</param>
public sealed record ArmSettings(Profile Profile, Arm Arm, object Values)
{
    /// <summary>The settings as names and values, in the order of their declaration.</summary>
    public IReadOnlyList<SettingValue> List() => SettingsBinder.List(Values);

    /// <summary>The settings as one line of JSON, as the run store keeps them.</summary>
    public string ToJson() => SettingsBinder.ToJson(Values);

    /// <summary>A fingerprint of arm, profile and settings: runs of equal fingerprint compute the same, seed by seed.</summary>
    public string Hash() => SettingsBinder.Hash($"{Profile.Name()}/{Arm.Name}/{ToJson()}");
}

/// <summary>A setting with its value.</summary>
/// <param name="Name">Its name in lower case with hyphens: <c>learning-rate</c>.</param>
/// <param name="Type">What it takes: <c>integer</c>, <c>number</c>, <c>true or false</c>, the names of an enumeration.</param>
/// <param name="Value">Its value as text, as <c>--set</c> takes it.</param>
/// <param name="Description">What it is, if its property says so with <see cref="System.ComponentModel.DescriptionAttribute"/>.</param>
public sealed record SettingValue(string Name, string Type, string Value, string Description);
