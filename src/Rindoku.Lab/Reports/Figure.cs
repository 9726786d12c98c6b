namespace Rindoku.Lab.Reports;

/// <summary>A picture for a report: its data and its words; <see cref="FigureSvg"/> draws it.</summary>
/// <param name="Title">What it shows, as a short sentence.</param>
public abstract record Figure(string Title)
{
    /// <summary>A sentence below the title: what to look at.</summary>
    public string Caption { get; init; } = "";
}

/// <summary>An axis: its name and unit.</summary>
/// <param name="Title">What is measured.</param>
/// <param name="Unit">The unit, or empty: <c>%</c>, <c>s</c>.</param>
public sealed record Axis(string Title, string Unit = "")
{
    /// <summary>Whether the axis is logarithmic; values must then be above zero, others are left out.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>The name with the unit: <c>test error (%)</c>.</summary>
    public string Label => Unit.Length == 0 ? Title : $"{Title} ({Unit})";

    /// <summary>An axis that has only a name.</summary>
    public static implicit operator Axis(string title) => new(title);

    /// <summary>An axis that has only a name.</summary>
    public static Axis FromString(string title) => new(title);
}

/// <summary>One line of a <see cref="LineChart"/>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="X">The places, growing.</param>
/// <param name="Y">The values; NaN leaves a gap.</param>
public sealed record LineSeries(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y)
{
    /// <summary>The lower edge of a band around the line, or null.</summary>
    public IReadOnlyList<double>? Low { get; init; }

    /// <summary>The upper edge of a band around the line, or null.</summary>
    public IReadOnlyList<double>? High { get; init; }

    /// <summary>Whether only dots are drawn, without a line between them: the data that a line was fitted to.</summary>
    public bool DotsOnly { get; init; }
}

/// <summary>Lines over a common axis: learning curves, reliability, loss against size.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="X">The horizontal axis.</param>
/// <param name="Y">The vertical axis.</param>
/// <param name="Series">The lines.</param>
public sealed record LineChart(string Title, Axis X, Axis Y, IReadOnlyList<LineSeries> Series) : Figure(Title);

/// <summary>One bar of a <see cref="BarChart"/>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its length.</param>
/// <param name="Low">The lower end of its interval, or null.</param>
/// <param name="High">The upper end of its interval, or null.</param>
public sealed record Bar(string Name, double Value, double? Low = null, double? High = null)
{
    /// <summary>Single measurements, drawn as dots on the bar: the seeds.</summary>
    public IReadOnlyList<double> Points { get; init; } = [];
}

/// <summary>Bars with intervals.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Y">The axis of the values.</param>
/// <param name="Bars">The bars.</param>
public sealed record BarChart(string Title, Axis Y, IReadOnlyList<Bar> Bars) : Figure(Title)
{
    /// <summary>A value to be drawn as a line across, such as the bar that a claim must clear; or null.</summary>
    public double? Reference { get; init; }
}

/// <summary>A grid of coloured numbers: a confusion matrix, attention.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="X">The axis of the columns.</param>
/// <param name="Y">The axis of the rows.</param>
/// <param name="Columns">The names of the columns.</param>
/// <param name="Rows">The names of the rows.</param>
/// <param name="Values">The numbers, (rows, columns).</param>
public sealed record Heatmap(string Title, Axis X, Axis Y, IReadOnlyList<string> Columns, IReadOnlyList<string> Rows, double[,] Values) : Figure(Title)
{
    /// <summary>Whether each row is coloured by its share of the row's sum, as suits a confusion matrix; otherwise by value.</summary>
    public bool ByRow { get; init; }
}

/// <summary>One cloud of points of a <see cref="Scatter"/>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="X">Where the points are, across.</param>
/// <param name="Y">Where the points are, up.</param>
public sealed record PointSeries(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y);

/// <summary>Points: samples, embeddings, one quantity against another.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="X">The horizontal axis.</param>
/// <param name="Y">The vertical axis.</param>
/// <param name="Series">The clouds.</param>
public sealed record Scatter(string Title, Axis X, Axis Y, IReadOnlyList<PointSeries> Series) : Figure(Title);

/// <summary>Small pictures in rows: samples, reconstructions, mistakes.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Images">The pictures, (n, c, h, w) with one or three channels, 0 black to 1 white; others are clipped.</param>
/// <param name="Labels">A word below each picture, or none at all.</param>
public sealed record ImageGrid(string Title, Tensor Images, IReadOnlyList<string> Labels) : Figure(Title)
{
    /// <summary>Pictures in a row; 0 chooses.</summary>
    public int Columns { get; init; }
}
