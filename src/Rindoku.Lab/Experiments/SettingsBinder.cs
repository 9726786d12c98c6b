using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Rindoku.Lab;

/// <summary>Sets the properties of a settings record by name and text, and writes them down.</summary>
internal static class SettingsBinder
{
    /// <summary>A copy of the settings with some of them replaced.</summary>
    /// <exception cref="LabException">A name is unknown, a value is not of the setting's type, or out of its range.</exception>
    public static T Override<T>(T settings, IEnumerable<KeyValuePair<string, string>> overrides) where T : class
    {
        PropertyInfo[] properties = Properties(settings.GetType());
        T copy = Clone(settings);
        foreach ((string name, string text) in overrides)
        {
            PropertyInfo property = properties.FirstOrDefault(p => Key(p.Name) == Key(name))
                ?? throw new LabException(Suggest.Unknown("setting", name, properties.Select(p => Kebab(p.Name))));
            if (!SettingsText.TryRead(property.PropertyType, text.Trim(), out object? value))
                throw new LabException($"--set {Kebab(property.Name)}: got '{text}'; needed {SettingsText.Describe(property.PropertyType)}.");
            property.SetValue(copy, value);
        }
        Validate(copy, properties);
        return copy;
    }

    public static IReadOnlyList<SettingValue> List(object settings) =>
    [
        .. Properties(settings.GetType()).Select(p => new SettingValue(Kebab(p.Name), SettingsText.Describe(p.PropertyType),
            SettingsText.Write(p.GetValue(settings)), p.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "")),
    ];

    public static string ToJson(object settings)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            foreach (PropertyInfo property in Properties(settings.GetType()))
            {
                json.WritePropertyName(Kebab(property.Name));
                SettingsText.WriteJson(json, property.GetValue(settings));
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>The names and values of what <see cref="ToJson"/> wrote, as text that <see cref="Override"/> takes.</summary>
    public static IEnumerable<KeyValuePair<string, string>> FromJson(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        return [.. document.RootElement.EnumerateObject().Select(p => KeyValuePair.Create(p.Name, SettingsText.FromJson(p.Value)))];
    }

    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];

    /// <summary>The range attributes that the settings carry, and the rules of the record itself where it is <see cref="IValidatableObject"/>.</summary>
    private static void Validate(object settings, PropertyInfo[] properties)
    {
        foreach (PropertyInfo property in properties)
            foreach (ValidationAttribute rule in property.GetCustomAttributes<ValidationAttribute>())
                if (!rule.IsValid(property.GetValue(settings)))
                    throw new LabException($"--set {Kebab(property.Name)}: got '{SettingsText.Write(property.GetValue(settings))}'; {Needed(rule, Kebab(property.Name))}");
        if (settings is IValidatableObject whole && whole.Validate(new ValidationContext(settings)).FirstOrDefault() is { } wrong)
            throw new LabException($"--set {string.Join(", ", wrong.MemberNames.Select(Kebab))}: {wrong.ErrorMessage}");
    }

    private static string Needed(ValidationAttribute rule, string name) => rule is RangeAttribute range
        ? Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture) is int.MaxValue or double.MaxValue
            ? string.Create(CultureInfo.InvariantCulture, $"needed {range.Minimum} or more.")
            : string.Create(CultureInfo.InvariantCulture, $"needed a value from {range.Minimum} to {range.Maximum}.")
        : $"needed: {rule.FormatErrorMessage(name)}";

    // Records have a compiler-made copy method; a with-expression is the only other way to it.
    private static T Clone<T>(T settings) where T : class =>
        settings.GetType().GetMethod("<Clone>$")?.Invoke(settings, null) as T
        ?? throw new InvalidOperationException($"{settings.GetType().Name}: settings must be a record");

    private static PropertyInfo[] Properties(Type type) =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite && p.GetIndexParameters().Length == 0)];

    private static string Key(string name) => name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary><c>LearningRate</c> becomes <c>learning-rate</c>.</summary>
    internal static string Kebab(string name)
    {
        StringBuilder text = new();
        for (int i = 0; i < name.Length; i++)
        {
            bool starts = char.IsUpper(name[i]) && i > 0 && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (starts) text.Append('-');
            text.Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }
}
