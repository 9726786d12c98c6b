using System.Collections;
using System.Globalization;
using System.Text.Json;

namespace Rindoku.Lab;

/// <summary>Values of settings as text: whole numbers, numbers, yes or no, words, names of an enumeration, and lists of these.</summary>
internal static class SettingsText
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static bool TryRead(Type type, string text, out object? value)
    {
        value = null;
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return text is "" or "none" || TryRead(inner, text, out value);
        if (ElementOf(type) is { } element) return TryReadList(element, text, out value);
        if (type == typeof(string)) value = text;
        else if (type == typeof(bool)) value = ReadBool(text);
        else if (type == typeof(int)) value = int.TryParse(text, NumberStyles.AllowLeadingSign, Culture, out int i) ? i : null;
        else if (type == typeof(long)) value = long.TryParse(text, NumberStyles.AllowLeadingSign, Culture, out long l) ? l : null;
        else if (type == typeof(float)) value = float.TryParse(text, NumberStyles.Float, Culture, out float f) && float.IsFinite(f) ? f : null;
        else if (type == typeof(double)) value = double.TryParse(text, NumberStyles.Float, Culture, out double d) && double.IsFinite(d) ? d : null;
        else if (type.IsEnum) value = ReadEnum(type, text);
        else throw new NotSupportedException($"A setting of type {type.Name} cannot be given as text");
        return value is not null;
    }

    public static string Describe(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return $"{Describe(inner)}, or none";
        if (ElementOf(type) is { } element) return $"values separated by commas, each {Describe(element)}";
        if (type == typeof(string)) return "text";
        if (type == typeof(bool)) return "true or false";
        if (type == typeof(int)) return $"a whole number up to {int.MaxValue}";
        if (type == typeof(long)) return "a whole number";
        if (type.IsEnum) return $"one of {string.Join(", ", Enum.GetNames(type).Select(SettingsBinder.Kebab))}";
        return "a number such as 0.1 or 1e-4";
    }

    public static string Write(object? value) => value switch
    {
        null => "none",
        string text => text,
        bool yes => yes ? "true" : "false",
        Enum name => SettingsBinder.Kebab(name.ToString()),
        float or double => ((IFormattable)value).ToString("R", Culture),
        IEnumerable list => string.Join(",", list.Cast<object>().Select(Write)),
        _ => Convert.ToString(value, Culture) ?? "",
    };

    public static void WriteJson(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case bool yes: json.WriteBooleanValue(yes); break;
            case int or long: json.WriteNumberValue(Convert.ToInt64(value, Culture)); break;
            case float f when float.IsFinite(f): json.WriteNumberValue(f); break;
            case double d when double.IsFinite(d): json.WriteNumberValue(d); break;
            case string or Enum or float or double: json.WriteStringValue(Write(value)); break;
            case IEnumerable list:
                json.WriteStartArray();
                foreach (object? item in list) WriteJson(json, item);
                json.WriteEndArray();
                break;
            default: json.WriteStringValue(Write(value)); break;
        }
    }

    public static string FromJson(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "none",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Array => string.Join(",", value.EnumerateArray().Select(FromJson)),
        JsonValueKind.String => value.GetString() ?? "",
        _ => value.GetRawText(),
    };

    private static bool TryReadList(Type element, string text, out object? value)
    {
        value = null;
        string[] parts = text.Length == 0 ? [] : text.Split(',', StringSplitOptions.TrimEntries);
        Array items = Array.CreateInstance(element, parts.Length);
        for (int i = 0; i < parts.Length; i++)
        {
            if (!TryRead(element, parts[i], out object? item)) return false;
            items.SetValue(item, i);
        }
        value = items;
        return true;
    }

    private static object? ReadBool(string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "YES" or "ON" or "1" => true,
        "FALSE" or "NO" or "OFF" or "0" => false,
        _ => null,
    };

    private static object? ReadEnum(Type type, string text)
    {
        foreach (object candidate in Enum.GetValues(type))
            if (SettingsBinder.Kebab(candidate.ToString()!).Equals(text, StringComparison.OrdinalIgnoreCase)
                || candidate.ToString()!.Equals(text, StringComparison.OrdinalIgnoreCase)) return candidate;
        return null;
    }

    // int[] and the read-only list interfaces, all of which an array satisfies.
    private static Type? ElementOf(Type type)
    {
        if (type.IsArray) return type.GetElementType();
        bool list = type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) || type.GetGenericTypeDefinition() == typeof(IEnumerable<>));
        return list ? type.GetGenericArguments()[0] : null;
    }
}
